#pragma once

#include "etamax/answers/explanation.h"
#include "etamax/core/progress.h"
#include "etamax/dynamics/experiment.h"

namespace etamax {

struct FollowOptions {
  int shown_steps = 3;     ///< how many iterates to keep beside the start: 0 to 10,000
  long max_steps = 10000;  ///< how far the long run is followed: 1 to 1,000,000
  Progress progress;       ///< asked every thousand steps
};

/// Runs the experiment's optimizer at one learning rate (positive and finite) and says what becomes of it, and
/// why.
FunctionRun follow(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost);

/// The verdict that `follow` gives, without what is only shown.
Verdict verdict_of_run(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost);

/// The verdict alone, reached in as few steps as make it certain: what a search over learning rates asks.
Verdict verdict_only(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost);

}  // namespace etamax
