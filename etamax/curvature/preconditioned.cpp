#include "etamax/curvature/preconditioned.h"

#include "etamax/curvature/entries.h"

namespace etamax {

PreconditionedHessian::PreconditionedHessian(Objective& f, const std::optional<Vector>& p, double decay)
    : f_(f), scale_(p), decay_(decay) {
  if (!scale_) return;
  scale_->inverse_root();
  Vector out = scale_->zeros();
  combine_entries(out, *scale_, [](double, double d) { return d == 0 ? 1.0 : 0.0; });
  left_out_ = static_cast<std::size_t>(out.dot(out) + 0.5);
}

Vector PreconditionedHessian::random_normal(std::uint64_t seed) const {
  Vector x = f_.random_normal(seed);
  if (left_out_ > 0) combine_entries(x, *scale_, [](double entry, double d) { return d == 0 ? 0 : entry; });
  return x;
}

}  // namespace etamax
