#pragma once

#include <torch/types.h>

#include "etamax/model/tensor_vector.h"
#include "etamax/problem/objective.h"

/// Objectives in tensors, for tests that compute with them.
namespace etamax::testing {

inline torch::Tensor parameters(const Objective& f) { return tensor_of(f.parameters()); }
inline void set_parameters(Objective& f, const torch::Tensor& x) { f.set_parameters(vector_of(x)); }
inline torch::Tensor gradient(Objective& f) { return tensor_of(f.gradient()); }
inline torch::Tensor random_normal(const Objective& f, std::uint64_t seed) { return tensor_of(f.random_normal(seed)); }

inline torch::Tensor product(Objective& f, const torch::Tensor& v) {
  Vector out;
  f.apply(vector_of(v), out);
  return tensor_of(out);
}

/// The slope of the gradient along v, by central differences. Leaves the parameters as they were.
inline torch::Tensor product_by_differences(Objective& f, const torch::Tensor& v, double h) {
  const torch::Tensor x = parameters(f);
  set_parameters(f, x + h * v);
  const torch::Tensor ahead = gradient(f);
  set_parameters(f, x - h * v);
  const torch::Tensor behind = gradient(f);
  set_parameters(f, x);
  return (ahead - behind) / (2 * h);
}

/// |a - b| / |b|.
inline double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

}  // namespace etamax::testing
