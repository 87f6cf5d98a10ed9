#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/fields.h"
#include "etamax/core/progress.h"
#include "etamax/files/file_fault.h"

namespace etamax {

/// Which trainings are followed, and what may be spent on looking. The defaults are those of the command line.
struct FollowingOptions {
  std::vector<double> lr = {};  ///< of one run each; at least one
  long steps = 1000;
  std::int64_t batch_size = 0;        ///< 0: all examples at once
  std::string schedule = "constant";  ///< or cosine, linear: both to 0 at the last step
  long warmup = 0;                    ///< steps over which the rate rises to its peak, at most `steps`
  std::optional<double> clip = {};    ///< the most that a gradient's norm is; none: as it comes
  double budget = 0.15;               ///< of what the steps cost, that looks may
  long certify = 2;                   ///< looks between bounds: the first, the last, others between
  std::int64_t look_examples = 0;     ///< examples whose sharpness is looked at; 0: as many as the budget has room for
  double confidence = 0.999;          ///< of those bounds, in (0, 1)
  double gap = 0.1;                   ///< wanted: (upper - lower) / upper
  std::string state = {};             ///< a file that keeps the progress; "": none
  std::uint64_t seed = 0;
  /// Told what begins; and asked, often, whether to go on.
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
  FileFault state_fault = {};  ///< told where the state, once it was begun, cannot be written; else that is thrown
};

/// All of it but the seed, and who listens.
Fields fields(FollowingOptions& options);

}  // namespace etamax
