#include "etamax/model/tensor_space.h"

namespace etamax {

double Space<torch::Tensor>::dot(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr int64_t kBlock = 1 << 16;
  if (a.scalar_type() == torch::kDouble || a.numel() <= kBlock)
    return a.to(torch::kDouble).dot(b.to(torch::kDouble)).item<double>();
  torch::Tensor sum = torch::zeros({}, a.options().dtype(torch::kDouble));
  for (int64_t from = 0; from < a.numel(); from += kBlock) {
    const int64_t to = std::min(from + kBlock, a.numel());
    sum += a.slice(0, from, to).to(torch::kDouble).dot(b.slice(0, from, to).to(torch::kDouble));
  }
  return sum.item<double>();
}

std::size_t basis_vectors_to_keep(std::size_t dim, const torch::TensorOptions& options) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  return kBytes / (dim * static_cast<std::size_t>(options.dtype().itemsize()));
}

}  // namespace etamax
