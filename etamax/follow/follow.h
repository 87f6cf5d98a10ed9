#pragma once

#include "etamax/answers/following.h"
#include "etamax/follow/options.h"
#include "etamax/problem/problem.h"

namespace etamax {

/// Trains from the problem's parameters at each learning rate, and looks at the sharpness on the way: tracked from the
/// last look's vector, certified where that was chosen. The parameters are as they were afterwards. Where the progress
/// asks to stop, the answer is what is known by then, marked partial. Throws InputError: among others where the loss is
/// not finite at the start, or the budget pays for no look.
Following follow_training(Problem& problem, const FollowingOptions& options);

}  // namespace etamax
