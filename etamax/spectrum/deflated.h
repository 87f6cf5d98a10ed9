#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "etamax/spectrum/operator.h"

namespace etamax {

/// A on the orthogonal complement of some orthonormal vectors. What rounding adds along those has an eigenvalue inside
/// the complement's spectrum, that of the first vector: with 0 it would grow in each Lanczos step where 0 lies outside.
template <typename Vector, SymmetricOperator<Vector> Operator>
class Deflated {
 public:
  Deflated(Operator& a, const std::vector<Vector>& without) : a_(a), without_(without) {}
  std::size_t dim() const { return a_.dim() - without_.size(); }
  Vector random_normal(std::uint64_t seed) const {
    Vector v = etamax::random_normal<Vector>(a_, seed);
    remove(v);
    return v;
  }
  void apply(const Vector& in, Vector& out) {
    a_.apply(in, out);
    if (!inside_) inside_ = Space<Vector>::dot(in, out) / Space<Vector>::dot(in, in);
    remove(out);
    for (const Vector& q : without_) Space<Vector>::add_scaled(out, *inside_ * Space<Vector>::dot(q, in), q);
  }
  /// Twice: once leaves what rounding made of a vector that was nearly in their span.
  void remove(Vector& v) const {
    for (int pass = 0; pass < 2; ++pass)
      for (const Vector& q : without_) Space<Vector>::add_scaled(v, -Space<Vector>::dot(q, v), q);
  }

 private:
  Operator& a_;
  const std::vector<Vector>& without_;
  std::optional<double> inside_;
};

}  // namespace etamax
