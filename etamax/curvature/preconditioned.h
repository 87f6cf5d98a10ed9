#pragma once

#include <cstdint>
#include <optional>

#include "etamax/curvature/vector_space.h"

namespace etamax {

/// D (H + d I) D as a symmetric operator, D = P^-1/2 diagonal: its eigenvalues are those of P^-1 (H + d I). Without P,
/// H itself plus d I. Where P is infinite D is 0: such coordinates are left out, also of the random starts, so that the
/// operator is that on the others.
class PreconditionedHessian {
 public:
  /// `p`: the positive diagonal P, or none. `decay`: d.
  PreconditionedHessian(Objective& f, const std::optional<Vector>& p, double decay);

  /// Of the coordinates that are not left out.
  std::size_t dim() const { return f_.dim() - left_out_; }
  std::size_t left_out() const { return left_out_; }
  Vector random_normal(std::uint64_t seed) const;
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
  std::size_t left_out_ = 0;
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
