#pragma once

#include "etamax/dynamics/walk.h"

namespace etamax {

/// Fills in what a walk has shown: the verdict with its cause, mode, rate, period, limit. One rule, in this
/// order: how the walk ended; where its last points stand (at a point, on a cycle); else how the last
/// quarters of it compare in size, and where gradient flow leads from its end; else the Lyapunov exponent.
/// What none of them settles is `unclear`. `stepper` stands at the end of the walk.
void judge(Run& run, const Walk& walk, const Stepper& stepper, const Descent& descent, const LocalTheory& theory,
           Cost& cost);

}  // namespace etamax
