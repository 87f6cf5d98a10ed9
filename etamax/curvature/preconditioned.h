#pragma once

#include <cstdint>
#include <optional>

#include "etamax/curvature/vector_space.h"

namespace etamax {

/// D (H + d I) D as a symmetric operator, D = P^-1/2 diagonal: its eigenvalues are those of P^-1 (H + d I). Without P,
/// H itself plus d I.
class PreconditionedHessian {
 public:
  /// `p`: the positive diagonal P, or none. `decay`: d.
  PreconditionedHessian(Objective& f, const std::optional<Vector>& p, double decay) : f_(f), scale_(p), decay_(decay) {
    if (scale_) scale_->inverse_root();
  }

  std::size_t dim() const { return f_.dim(); }
  Vector random_normal(std::uint64_t seed) const { return f_.random_normal(seed); }
  void apply(const Vector& in, Vector& out) const {
    const Vector v = in_parameters(in);
    f_.apply(v, out);
    if (decay_ != 0) out.add_scaled(decay_, v);
    if (scale_) out.multiply(*scale_);
  }
  /// P^-1/2 v: a direction of the parameters from one of the operator's.
  Vector in_parameters(Vector v) const {
    if (scale_) v.multiply(*scale_);
    return v;
  }
  const std::optional<Vector>& scale() const { return scale_; }
  double decay() const { return decay_; }

 private:
  Objective& f_;
  std::optional<Vector> scale_;
  double decay_;
};

/// The diagonal block of an operator for the entries [from, to): zero elsewhere, in and out.
template <typename Operator>
class DiagonalBlock {
 public:
  DiagonalBlock(Operator& a, std::size_t from, std::size_t to) : a_(a), from_(from), to_(to) {}
  std::size_t dim() const { return to_ - from_; }
  Vector random_normal(std::uint64_t seed) const {
    whole_ = a_.random_normal(seed);
    return whole_.part(from_, to_);
  }
  void apply(const Vector& in, Vector& out) {
    Vector padded = whole_.zeros(), product = padded;
    padded.set_part(from_, in);
    a_.apply(padded, product);
    out = product.part(from_, to_);
  }

 private:
  Operator& a_;
  std::size_t from_, to_;
  mutable Vector whole_;  ///< of the operator's size
};

}  // namespace etamax
