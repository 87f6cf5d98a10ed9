#pragma once

#include "etamax/answers/bifurcation.h"
#include "etamax/core/progress.h"
#include "etamax/maps/problem.h"

namespace etamax {

struct BifurcationOptions {
  MapOptions runs;      ///< of a function of one variable; its `x` is the axis, and its `y` counts for nothing
  int rows = 540;       ///< of the picture
  long skipped = 2000;  ///< steps before the iterates are counted
  long kept = 2000;     ///< iterates counted
};

/// Where the runs from one start stay, their Lyapunov exponents, and where their periods double: by the cycle itself,
/// found by Newton's steps, and its multiplier. Doublings are sought where the learning rate is the axis and the rule
/// has no memory. Throws InputError.
BifurcationDiagram bifurcation(const BifurcationOptions& options, const Progress& progress = {});

}  // namespace etamax
