#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/dynamics/detail_rounding.h"

namespace etamax {

Rounding rounding_at(const Differentiable& objective, const detail::Vector& x, const detail::Matrix& hessian) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  constexpr double kDigits[] = {-7, -3, 2, 5, 11};  // a coordinate takes them in turn, that no two move together
  constexpr Eigen::Index kCount = std::size(kDigits), kSamples = kCount - 1;
  const double f = detail::value_at(objective, x);
  const detail::Vector g = detail::gradient_at(objective, x);
  Rounding rounding{0, detail::Vector::Zero(x.size())};
  for (Eigen::Index sample = 0; sample < kSamples; ++sample) {
    detail::Vector beside = x;
    for (Eigen::Index i = 0; i < x.size(); ++i) beside[i] += kDigits[(sample + 2 * i) % kCount] * kEpsilon * x[i];
    const detail::Vector moved = beside - x;
    const double value = std::abs(detail::value_at(objective, beside) - f - g.dot(moved));
    const detail::Vector gradient = (detail::gradient_at(objective, beside) - g - hessian * moved).cwiseAbs();
    if (std::isfinite(value)) rounding.value = std::max(rounding.value, value);
    if (gradient.allFinite()) rounding.gradient = rounding.gradient.cwiseMax(gradient);
  }
  return rounding;
}

}  // namespace etamax
