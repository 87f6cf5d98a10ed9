#pragma once

#include <vector>

#include "etamax/answers/bifurcation.h"
#include "etamax/maps/problem.h"

namespace etamax {

/// Where the periods of the run from `start` double between two learning rates, of gradient descent (or a rule that is
/// the same) on a function of one variable: from the stable cycle at the lowest rate on, each is followed by Newton's
/// steps to where its multiplier is -1, and the cycle of twice its period is sought beyond. Ends where a cycle is lost,
/// or at the last period that numbers of 64 bits tell apart.
std::vector<PeriodDoubling> period_doublings(const MapProblem& problem, double start, double from, double to,
                                             Cost& cost);

}  // namespace etamax
