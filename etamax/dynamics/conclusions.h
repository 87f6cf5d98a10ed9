#pragma once

#include <optional>
#include <vector>

#include "etamax/dynamics/iteration.h"

/// What follows for a run from what was found in it: each conclusion is a pure function that fills in the verdict and
/// all that stands beside it, but for what is only shown (iterates, losses, the reason).
namespace etamax {

/// A run that was followed to where it ended.
struct FollowedRun {
  const Experiment& experiment;
  const Iteration& iteration;
  double lr = 0;
};

/// A point that a run tends to.
struct Limit {
  std::vector<double> point;
  std::optional<PointKind> kind;
  bool reached = false;  ///< the run is there, to kTolerance
  bool level = false;    ///< it is known to have no curvature in any direction, as that of x^4 at 0
};

/// A run that stays in a region and keeps moving there.
struct Wandering {
  double extent = 0;  ///< of the region
  LyapunovEstimate lyapunov;
};

/// A run near a minimum at which its optimizer cannot stay.
struct PassingBy {
  std::optional<double> edge;  ///< below it, learning rates would settle there
};

FunctionRun conclude_undefined(const FollowedRun& followed);                        ///< it left the domain
FunctionRun conclude_no_step(const FollowedRun& followed);                          ///< the optimizer divides by 0
FunctionRun conclude_divergence(const FollowedRun& followed);                       ///< it leaves every bounded region
FunctionRun conclude_fall(const FollowedRun& followed);                             ///< the same, downhill
FunctionRun conclude_escape(const FollowedRun& followed);                           ///< the same, by the linear law
FunctionRun conclude_convergence(const FollowedRun& followed, const Limit& limit);  ///< it tends to a point
FunctionRun conclude_drift(const FollowedRun& followed);              ///< the loss falls, and no point ends that
FunctionRun conclude_cycle(const FollowedRun& followed, int period);  ///< 0 or 1: no period is known
FunctionRun conclude_wandering(const FollowedRun& followed, const Wandering& found);  ///< as on a closed curve
FunctionRun conclude_chaos(const FollowedRun& followed, const Wandering& found);
FunctionRun conclude_underway(const FollowedRun& followed);  ///< it goes somewhere, and is not there
FunctionRun conclude_passing(const FollowedRun& followed, const PassingBy& found);
FunctionRun conclude_stuck(const FollowedRun& followed);      ///< its steps no longer change a digit
FunctionRun conclude_too_large(const FollowedRun& followed);  ///< the function overflows, and its steps do not grow
FunctionRun conclude_unclear(const FollowedRun& followed);

}  // namespace etamax
