#pragma once

#include <string_view>
#include <vector>

#include "etamax/dynamics/iteration.h"

namespace etamax {

/// What a run has come to, and the rule that says so.
struct Judgment {
  FunctionRun run;  ///< the verdict and what stands beside it: cause, mode, rate, period, limit, ...
  std::string_view rule;
};

/// The verdict on a run, by the first rule of `verdict_rules()` that holds. `stepper` stands where the iteration ended.
///
/// A run that has ended of itself is judged by how; one that stands still, by where. Under decoupled weight decay no
/// run is judged by where the function falls, since the decay may hold it: it is asked whether decay and steps balance.
/// One that has used up its steps is asked, in this order:
///  1. whether its loss falls where that of small learning rates falls for ever: before anything that would call its
///     ever shorter steps an approach;
///  2. whether its points repeat, which costs no gradients;
///  3. where gradient flow leads from its end, which tells a slow approach from a slow escape: downhill for ever, or
///     to a point at which it rests, or which it approaches;
///  4. whether it still makes way downhill: then its size in the past says nothing of its future;
///  5. whether it grows;
///  6. what becomes of its neighbors, which costs the most: they meet it (a cycle that is not reached yet), they part
///     from it (chaos), or neither (a closed curve).
/// What none of them settles is `unclear`.
Judgment judge(const Experiment& experiment, const Iteration& iteration, const Stepper& stepper, Cost& cost);

/// The names of all rules, in the order in which they are asked.
std::vector<std::string_view> verdict_rules();

}  // namespace etamax
