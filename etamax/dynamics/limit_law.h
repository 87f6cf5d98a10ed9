#pragma once

#include <optional>

#include "etamax/dynamics/experiment.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// What the linear law says of a run once it is at a minimum, as its slopes vanish there. An optimizer that divides
/// its steps by a running size P of the slopes has one too: of an average, which forgets, nothing is left but eps; a
/// sum stays what it is.
struct LimitLaw {
  double radius = 0;           ///< the worst factor per step over all directions; infinite where P comes to 0
  double steepest = 0;         ///< that of the steepest direction
  std::optional<double> edge;  ///< the largest stable learning rate; none where no direction curves
  /// What is beside the minimum stays as near to it: the steepest direction contracts and none grows. Along a valley of
  /// minima the factor is 1, to rounding.
  bool holds() const { return steepest < 1 && radius <= 1 + kRadiusOne; }
};

/// At the end of a descent, for a run that stands where `stepper` does. None where that is no minimum or has no linear
/// law, as beside a corner, and for sign methods.
std::optional<LimitLaw> limit_law(const Experiment& experiment, const Stepper& stepper, const Descent& end);

}  // namespace etamax
