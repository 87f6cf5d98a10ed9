#pragma once

#include "etamax/answers/following.h"

namespace etamax {

/// What follows from a run's looks: where the rate crossed the edge, and how it stood to it in the second half.
void conclude(SharpnessRun& run);

/// The sentences of the answer, from its numbers.
void conclude(Following& following);

}  // namespace etamax
