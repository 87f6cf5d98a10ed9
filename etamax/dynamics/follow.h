#pragma once

#include "etamax/core/progress.h"
#include "etamax/core/results.h"
#include "etamax/dynamics/problem.h"

namespace etamax {

struct FollowOptions {
  int shown_steps = 3;     ///< how many iterates to keep beside the start: 0 to 10,000
  long max_steps = 10000;  ///< how far the long run is followed: 1 to 1,000,000
  Progress progress;       ///< asked every thousand steps
};

/// Runs the problem's optimizer at one learning rate (positive and finite) and says what becomes of it, and
/// why.
Run follow(const Problem& problem, double lr, const FollowOptions& options, Cost& cost);

/// The verdict alone, reached in as few steps as make it certain: what a search over learning rates asks.
Verdict fate(const Problem& problem, double lr, const FollowOptions& options, Cost& cost);

}  // namespace etamax
