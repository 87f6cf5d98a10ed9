#pragma once

#include "etamax/dynamics/follow.h"

namespace etamax {

/// The local theory at the end of the experiment's descent, and the largest learning rate from the start, found
/// by search: a geometric scan upward from small rates to the first that does not converge, then bisection.
/// Both ends of the bracket were run.
Stability analyze_stability(const Experiment& experiment, const FollowOptions& options, Cost& cost);

}  // namespace etamax
