#pragma once

#include "etamax/answers/tuning.h"
#include "etamax/problem/problem.h"
#include "etamax/tune/options.h"

namespace etamax {

/// Which learning rate to use for this training, found within the budget: judged by the problem's held-out examples,
/// or, where it has none, by the training loss. The problem's parameters are as they were afterwards. Where the
/// progress asks to stop, the answer is what is known by then, marked partial. Throws InputError.
Tuning tune(Problem& problem, const TuneOptions& options);

}  // namespace etamax
