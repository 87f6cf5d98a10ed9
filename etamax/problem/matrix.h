#pragma once

#include <cstdint>

namespace etamax {

/// A matrix of second order of a mean loss l(outputs of example i), at the parameters. J_i: the outputs' Jacobian.
enum class MatrixKind {
  hessian,
  gauss_newton,    ///< mean of J_i' (Hessian of l by the outputs) J_i: what the Hessian has without the outputs' own
  fisher,          ///< empirical: mean of g_i g_i', g_i the gradient of example i as it counts in the mean
  sampled_fisher,  ///< the same with targets drawn from the model's own distribution, once for each: Monte Carlo
};

struct MatrixChoice {
  MatrixKind kind = MatrixKind::hessian;
  std::uint64_t seed = 0;  ///< of targets that are drawn
};

}  // namespace etamax
