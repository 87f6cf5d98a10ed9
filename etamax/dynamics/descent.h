#pragma once

#include <span>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/core/differentiable.h"
#include "etamax/core/progress.h"

namespace etamax {

/// Where gradient flow dx/dt = -grad f leads from a start.
struct Descent {
  using Outcome = DescentOutcome;
  Outcome outcome = Outcome::unclear;
  bool ends_at_point() const { return outcome == Outcome::minimum || outcome == Outcome::other_point; }
  std::vector<double> point;      ///< the end, where there is one
  std::optional<PointKind> kind;  ///< of that end; `flat` where it stands on a flat bottom, as of relu(x)
  bool smooth = true;             ///< the gradient vanishes there (false: a corner, as of abs(x))
  bool bounded_curvature = true;  ///< false: it grows without end toward the point, as of abs(x)^1.5
  bool even_curvature = true;     ///< false: it is another on each side of the point, as of max(x, 0)^2
  bool at_domain_edge = false;    ///< the objective is not a number beside it, as for sqrt(x) at 0, or beyond where it
                                  ///< falls without bound, as for log(x) at 0, unlike log(abs(x))
  /// The slope vanishes toward the point in proportion to the distance or faster: else every learning rate steps over
  /// it.
  bool may_attract() const { return smooth && bounded_curvature; }
  std::vector<double> eigenvalues;           ///< of the Hessian there, ascending; empty where there is none
  std::vector<std::vector<double>> vectors;  ///< their eigenvectors, in the same order
};

/// Follows gradient flow with an exponential integrator, exact on quadratics of any condition and sign.
/// Scale-free: the outcome does not depend on the units of x or f. `cost` is added to.
/// `progress` is asked every few steps, as if nothing were done. Throws Interrupted.
Descent descend(const Differentiable& objective, std::span<const double> start, Cost& cost,
                const Progress& progress = {});

}  // namespace etamax
