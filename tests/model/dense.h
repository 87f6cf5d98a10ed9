#pragma once

#include <torch/types.h>

#include "etamax/curvature/probe.h"
#include "tensors.h"

/// Curvature by dense linear algebra, for tests.
namespace etamax::testing {

/// All columns of the Hessian, in 64 bit.
inline torch::Tensor dense_hessian(Objective& f) {
  const auto n = static_cast<int64_t>(f.dim());
  torch::Tensor hessian = torch::zeros({n, n}, torch::kDouble);
  const torch::Tensor identity = torch::eye(n, parameters(f).options());
  for (int64_t i = 0; i < n; ++i) hessian.select(1, i).copy_(product(f, identity[i]));
  return hessian;
}

inline double largest_eigenvalue(const torch::Tensor& symmetric) {
  return std::get<0>(torch::linalg_eigh(symmetric))[-1].item<double>();
}
inline double smallest_eigenvalue(const torch::Tensor& symmetric) {
  return std::get<0>(torch::linalg_eigh(symmetric))[0].item<double>();
}

/// The certified bounds of the Hessian's largest eigenvalue.
inline Probe::Finding probed(Objective& f, double gap) {
  static const Optimizer gd = make_optimizer("gd", {});
  return Probe(f, gd).look({.confidence = 0.999, .gap = gap});
}

/// [X 1].
inline torch::Tensor with_ones(const torch::Tensor& x) {
  return torch::cat({x, torch::ones({x.size(0), 1}, x.options())}, 1);
}

}  // namespace etamax::testing
