#pragma once

#include <vector>

#include "etamax/answers/analysis.h"
#include "etamax/problem/problem.h"
#include "etamax/training/training.h"
#include "etamax/training/verdict.h"

namespace etamax {

struct ShortRunSettings {
  std::int64_t batch_size = 0;     ///< 0: all examples
  long steps = 200;                ///< at least 1
  std::uint64_t seed = 0;          ///< of the order of the examples
  double start_loss = 0;           ///< on all the data
  std::optional<double> baseline;  ///< the loss of the best constant predictor
  Progress progress = {};
};

/// Trains from the objective's present parameters at one learning rate, and puts them back. Stops as soon as the loss
/// is lost. Gives everything of a run but its verdict where that needs other runs: `verdict` is `diverges`, `collapses`
/// where the outputs no longer depend on the inputs, else `unclear`. Where the watcher ends it, the run has no loss.
RunRecord short_run(Problem& problem, double lr, const ShortRunSettings& settings,
                    const Training::Watcher& watcher = {});

/// Finds the largest learning rate at which training works (search.h). `around`: where to begin, usually the edge.
/// `also`: rates that are run in any case. Adds every run to `runs`, ascending. Throws Interrupted; `runs` then holds
/// those made.
LargestTrainable find_largest_trainable(Problem& problem, double around, const std::vector<double>& also,
                                        const ShortRunSettings& settings, std::vector<RunRecord>& runs);

}  // namespace etamax
