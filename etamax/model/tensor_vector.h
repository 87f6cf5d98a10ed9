#pragma once

#include <torch/types.h>

#include "etamax/problem/vector.h"

namespace etamax {

/// A one-dimensional tensor of 32 or 64 bit, on whatever device it lives.
class TensorVector final : public VectorBody {
 public:
  explicit TensorVector(torch::Tensor entries) : tensor_(std::move(entries)) {}
  const torch::Tensor& tensor() const { return tensor_; }

  std::size_t size() const override { return static_cast<std::size_t>(tensor_.numel()); }
  std::shared_ptr<VectorBody> clone() const override { return std::make_shared<TensorVector>(tensor_.clone()); }
  std::shared_ptr<VectorBody> zeros() const override {
    return std::make_shared<TensorVector>(torch::zeros_like(tensor_));
  }
  std::shared_ptr<VectorBody> zeros_in_64_bit() const override {
    return std::make_shared<TensorVector>(torch::zeros_like(tensor_, torch::kDouble));
  }
  double dot(const VectorBody& other) const override;
  void add_scaled(double a, const VectorBody& x) override { tensor_.add_(of(x), a); }
  void scale(double a) override { tensor_.mul_(a); }
  void multiply(const VectorBody& diagonal) override { tensor_.mul_(of(diagonal)); }
  void divide(const VectorBody& diagonal) override { tensor_.div_(of(diagonal)); }
  void inverse_root() override { tensor_.rsqrt_(); }
  bool all_finite() const override { return tensor_.isfinite().all().item<bool>(); }
  std::vector<double> values() const override;
  std::shared_ptr<VectorBody> with_values(std::span<const double> values) const override;
  std::shared_ptr<VectorBody> part(std::size_t from, std::size_t to) const override;
  void set_part(std::size_t from, const VectorBody& part) override;
  void for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                      const UseBlocks& use) const override;

 private:
  static const torch::Tensor& of(const VectorBody& other) { return static_cast<const TensorVector&>(other).tensor_; }

  torch::Tensor tensor_;
};

/// Takes the tensor over: nobody else may write to it.
Vector vector_of(torch::Tensor entries);
/// The entries of a vector that is a TensorVector. Not to be written to.
const torch::Tensor& tensor_of(const Vector& vector);

}  // namespace etamax
