#pragma once

#include <torch/types.h>

#include "etamax/model/model_objective.h"

/// Curvature by dense linear algebra, for tests.
namespace etamax::testing {

/// All columns of the Hessian, in 64 bit.
inline torch::Tensor dense_hessian(ModelObjective& f) {
  const auto n = static_cast<int64_t>(f.dim());
  torch::Tensor hessian = torch::zeros({n, n}, torch::kDouble), column;
  for (int64_t i = 0; i < n; ++i) {
    torch::Tensor unit = torch::zeros({n}, f.vector_options());
    unit[i] = 1;
    f.apply(unit, column);
    hessian.select(1, i).copy_(column);
  }
  return hessian;
}

inline double largest_eigenvalue(const torch::Tensor& symmetric) {
  return std::get<0>(torch::linalg_eigh(symmetric))[-1].item<double>();
}

/// [X 1].
inline torch::Tensor with_ones(const torch::Tensor& x) {
  return torch::cat({x, torch::ones({x.size(0), 1}, x.options())}, 1);
}

}  // namespace etamax::testing
