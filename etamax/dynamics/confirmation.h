#pragma once

#include "etamax/dynamics/iteration.h"

/// What a run shows in the steps that were followed is true of those; a verdict is about all that follow. So one that
/// was read from the points, and not from what ended the run or from a linear law, is told only if a look much later
/// says the same.
namespace etamax {

/// The verdict on a run rests on what its points have shown so far.
bool needs_confirmation(const Experiment& experiment, const Iteration& iteration, const FunctionRun& run);

/// How many steps the later look takes, of a run that was followed for `steps`: eight times as many, but a budget of
/// its own at least, and for chaos what it takes to say whether it wanders, within what can be kept.
long later_steps(const Experiment& experiment, const FunctionRun& run, long steps);

/// Whether two looks at one run say the same of it: the same verdict, and where it converges the same limit, to the
/// distance that the first left; where it repeats the same period, among the same points; where it moves in a region,
/// the same region, unless it wanders.
bool confirms(const FunctionRun& early, const Iteration& early_look, const FunctionRun& late,
              const Iteration& late_look);

/// Leaves of two looks that agree what is so for good: not a factor per step that has not stayed the same.
void keep_what_lasts(FunctionRun& early, const FunctionRun& late);

}  // namespace etamax
