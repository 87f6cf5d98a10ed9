#pragma once

#include "etamax/model/model_objective.h"

namespace etamax {

/// D (H + d I) D as a symmetric operator, D = P^-1/2 diagonal: its eigenvalues are those of P^-1 (H + d I).
/// Without P, H itself plus d I.
class PreconditionedHessian {
 public:
  /// `p`: the positive diagonal P, or undefined. `decay`: d.
  PreconditionedHessian(ModelObjective& f, const torch::Tensor& p, double decay)
      : f_(f), scale_(p.defined() ? p.to(f.vector_options()).rsqrt() : p), decay_(decay) {}

  std::size_t dim() const { return f_.dim(); }
  torch::Tensor random_normal(std::uint64_t seed) const { return f_.random_normal(seed); }
  void apply(const torch::Tensor& in, torch::Tensor& out) const {
    const torch::Tensor v = in_parameters(in);
    f_.apply(v, out);
    if (decay_ != 0) out = out + decay_ * v;
    if (scale_.defined()) out = out * scale_;
  }
  /// P^-1/2 v: a direction of the parameters from one of the operator's.
  torch::Tensor in_parameters(const torch::Tensor& v) const { return scale_.defined() ? v * scale_ : v; }

 private:
  ModelObjective& f_;
  torch::Tensor scale_;
  double decay_;
};

/// The block of an operator that belongs to the entries [from, to): zero elsewhere, in and out.
template <typename Operator>
class DiagonalBlock {
 public:
  DiagonalBlock(Operator& a, int64_t from, int64_t to) : a_(a), from_(from), to_(to) {}
  std::size_t dim() const { return static_cast<std::size_t>(to_ - from_); }
  torch::Tensor random_normal(std::uint64_t seed) const { return a_.random_normal(seed).slice(0, from_, to_).clone(); }
  void apply(const torch::Tensor& in, torch::Tensor& out) {
    torch::Tensor whole = torch::zeros({static_cast<int64_t>(a_.dim())}, in.options()), product;
    whole.slice(0, from_, to_).copy_(in);
    a_.apply(whole, product);
    out = product.slice(0, from_, to_).clone();
  }

 private:
  Operator& a_;
  int64_t from_, to_;
};

}  // namespace etamax
