#pragma once

#include "etamax/dynamics/follow.h"

namespace etamax {

/// The local theory at the end of the problem's descent, and the largest learning rate from the start, found
/// by search: a geometric scan upwards from small rates to the first that does not converge, then bisection.
/// Both ends of the bracket were run.
Stability analyse_stability(const Problem& problem, const FollowOptions& options, Cost& cost);

}  // namespace etamax
