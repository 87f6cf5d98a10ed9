#pragma once

#include "etamax/dynamics/detail_eigen.h"

namespace etamax {

/// How far rounding puts the value and the gradient, coordinate by coordinate, of an objective from what they are.
struct Rounding {
  double value = 0;
  detail::Vector gradient;
};

/// At x, measured: at points beside it that differ in the last digits, value and gradient stray by so much from their
/// tangent. It sees what cancels inside of the function, as in sqrt(x^2 + 1) - x at 1e7. Costs four of each.
Rounding rounding_at(const Differentiable& objective, const detail::Vector& x, const detail::Matrix& hessian);

}  // namespace etamax
