#pragma once

#include <vector>

#include "etamax/core/objective.h"
#include "etamax/core/progress.h"
#include "etamax/core/results.h"
#include "etamax/dynamics/descent.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

struct FollowOptions {
  int shown_steps = 3;      ///< how many iterates to keep beside the start: 0 to 10,000
  long max_steps = 10000;   ///< how far the long run is followed: 1 to 10,000,000
};

/// Runs an optimizer on an objective from `start` and says what becomes of it.
/// `descent` is descend(objective, start): where small learning rates lead, which settles the cause of a divergence and
/// the local theory that a slow run is judged by.
Run follow(const Objective& objective, const std::vector<double>& start, const OptimizerSpec& optimizer,
           const HyperparameterValues& values, double lr, const Descent& descent, const FollowOptions& options,
           Cost& cost);

/// The local theory at the end of `descent`, and the largest learning rate from the start, found by search: a geometric
/// scan from small rates up to the first that does not converge, then bisection; both ends of the bracket were run.
Stability analyse_stability(const Objective& objective, const std::vector<double>& start, const OptimizerSpec& optimizer,
                            const HyperparameterValues& values, const Descent& descent, const FollowOptions& options,
                            const Progress& progress, Cost& cost);

}  // namespace etamax
