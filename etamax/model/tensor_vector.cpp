#include "etamax/model/tensor_vector.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace etamax {
namespace {

using torch::Tensor;

constexpr int64_t kDotBlock = 1 << 16;  // converted to 64 bit at once, so that no copy of the whole vector is made
constexpr int64_t kBlock = 4096;

/// Numbers of a contiguous CPU tensor of 32 or 64 bit, as doubles and back.
void load(const Tensor& from, int64_t at, std::span<double> to) {
  const auto count = static_cast<int64_t>(to.size());
  if (from.scalar_type() == torch::kDouble)
    std::copy_n(from.data_ptr<double>() + at, count, to.data());
  else
    std::copy_n(from.data_ptr<float>() + at, count, to.data());
}
void store(std::span<const double> from, int64_t at, const Tensor& to) {
  if (to.scalar_type() == torch::kDouble)
    std::copy(from.begin(), from.end(), to.data_ptr<double>() + at);
  else
    std::transform(from.begin(), from.end(), to.data_ptr<float>() + at, [](double x) { return static_cast<float>(x); });
}

}  // namespace

double TensorVector::dot(const VectorBody& other) const {
  const Tensor &a = tensor_, &b = of(other);
  if (a.scalar_type() == torch::kDouble || a.numel() <= kDotBlock)
    return a.to(torch::kDouble).dot(b.to(torch::kDouble)).item<double>();
  Tensor sum = torch::zeros({}, a.options().dtype(torch::kDouble));
  for (int64_t from = 0; from < a.numel(); from += kDotBlock) {
    const int64_t to = std::min(from + kDotBlock, a.numel());
    sum += a.slice(0, from, to).to(torch::kDouble).dot(b.slice(0, from, to).to(torch::kDouble));
  }
  return sum.item<double>();
}

std::shared_ptr<VectorBody> TensorVector::part(std::size_t from, std::size_t to) const {
  return std::make_shared<TensorVector>(tensor_.slice(0, static_cast<int64_t>(from), static_cast<int64_t>(to)).clone());
}

void TensorVector::set_part(std::size_t from, const VectorBody& part) {
  const auto at = static_cast<int64_t>(from);
  tensor_.slice(0, at, at + of(part).numel()).copy_(of(part));
}

std::vector<double> TensorVector::values() const {
  const Tensor wide = tensor_.to(torch::kDouble).cpu().contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

std::shared_ptr<VectorBody> TensorVector::with_values(std::span<const double> values) const {
  Tensor wide = torch::empty(tensor_.sizes(), torch::kDouble);
  std::copy(values.begin(), values.end(), wide.data_ptr<double>());
  return std::make_shared<TensorVector>(wide.to(tensor_.options()));
}

void TensorVector::for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                                  const UseBlocks& use) const {
  const torch::NoGradGuard no_gradient;
  // Blocks are of the processor: what lives elsewhere comes and goes.
  std::vector<Tensor> out, in;
  for (const VectorBody* vector : written) out.push_back(of(*vector).cpu().contiguous());
  for (const VectorBody* vector : read) in.push_back(of(*vector).cpu().contiguous());
  const int64_t n = tensor_.numel();
  at::parallel_for(0, (n + kBlock - 1) / kBlock, 1, [&](int64_t first, int64_t last) {
    std::vector<double> buffer(static_cast<std::size_t>(kBlock) * (out.size() + in.size()));
    for (int64_t b = first; b < last; ++b) {
      const auto count = static_cast<std::size_t>(std::min(kBlock, n - b * kBlock));
      std::vector<std::span<double>> blocks;
      for (std::size_t i = 0; i < out.size() + in.size(); ++i) {
        blocks.emplace_back(buffer.data() + i * static_cast<std::size_t>(kBlock), count);
        load(i < out.size() ? out[i] : in[i - out.size()], b * kBlock, blocks.back());
      }
      const std::span<const std::span<double>> all = blocks;
      use(all.first(out.size()), all.subspan(out.size()));
      for (std::size_t i = 0; i < out.size(); ++i) store(blocks[i], b * kBlock, out[i]);
    }
  });
  for (std::size_t i = 0; i < out.size(); ++i)
    if (const Tensor& whole = of(*written[i]); !out[i].is_alias_of(whole)) whole.copy_(out[i]);
}

Vector vector_of(Tensor entries) { return Vector(std::make_shared<TensorVector>(std::move(entries))); }

const Tensor& tensor_of(const Vector& vector) { return static_cast<const TensorVector&>(vector.body()).tensor(); }

}  // namespace etamax
