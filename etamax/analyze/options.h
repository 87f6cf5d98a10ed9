#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "etamax/core/fields.h"
#include "etamax/core/progress.h"

namespace etamax {

/// How a problem is analyzed. The defaults are those of the command line.
struct AnalyzeOptions {
  std::optional<double> lr = {};             ///< to be placed on the ruler, and run
  std::optional<double> confidence = 0.999;  ///< of the bounds, in (0, 1); none: a point estimate
  double gap = 0.1;                          ///< wanted: (upper - lower) / upper of lambda_max, in (0, 1)
  std::int64_t batch_size = 0;               ///< of the runs; 0, or the number of examples: all at once
  long steps = 200;                          ///< of each short run; 0: no runs
  long starts = 3;                           ///< of the runs where it matters: near the limit, and at the rate to use
  std::string schedule = "constant";         ///< of the rate in each run: or cosine, linear, both to 0 at its last step
  long warmup = 0;                           ///< steps over which it rises to its peak, at most `steps`
  std::optional<double> clip = {};           ///< the most that a gradient's norm is in the runs; none: as it comes
  long preconditioner_steps = 0;  ///< for the preconditioner, where no state is given; 0: until the edge settles
  bool culprits = true;           ///< attribute the curvature to layers, inputs and examples
  std::uint64_t seed = 0;         ///< of the starts, the order of the examples, the choice of samples
  /// Told what begins; and asked, often, whether to go on.
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
};

/// All of it but the seed, and who listens.
Fields fields(AnalyzeOptions& options);

}  // namespace etamax
