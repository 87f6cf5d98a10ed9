#pragma once

#include <torch/types.h>

#include "etamax/spectrum/operator.h"

namespace etamax {

/// One-dimensional tensors, on whatever device they live. Inner products accumulate in 64 bit, block by
/// block, so that no copy of the whole vector is made. Operators on tensors draw their own random starts
/// (`random_normal`), for only they know the device.
template <>
struct Space<torch::Tensor> {
  static std::size_t size(const torch::Tensor& x) { return static_cast<std::size_t>(x.numel()); }
  static double dot(const torch::Tensor& a, const torch::Tensor& b);
  static void add_scaled(torch::Tensor& y, double a, const torch::Tensor& x) { y.add_(x, a); }
  static void scale(torch::Tensor& x, double a) { x.mul_(a); }
  static torch::Tensor zeros(const torch::Tensor& like) { return torch::zeros_like(like); }
};

/// How many vectors of a Krylov basis are worth their memory, 64 MiB in all: those kept spare the second pass for the
/// eigenvector.
std::size_t basis_vectors_to_keep(std::size_t dim, const torch::TensorOptions& options);

}  // namespace etamax
