#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "etamax/core/fields.h"
#include "etamax/core/progress.h"
#include "etamax/files/file_fault.h"

namespace etamax {

/// How the real training will go, and what may be spent on finding its learning rate. The defaults are those of the
/// command line.
struct TuneOptions {
  long steps = 0;                     ///< of the real run, at least 16
  std::int64_t batch_size = 0;        ///< 0: all examples at once
  std::string schedule = "constant";  ///< or cosine, linear: both to 0 at the end of the run
  double budget = 3;                  ///< in runs of `steps` steps
  long seeds = 3;                     ///< starts that the rate must hold for, at least 1
  std::uint64_t seed = 0;             ///< the first of them
  std::string state = {};             ///< a file that keeps the progress; "": none
  /// Told what begins; and asked, often, whether to go on.
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
  FileFault state_fault = {};  ///< told where the state, once it was begun, cannot be written; else that is thrown
};

/// All of it but the seed, and who listens.
Fields fields(TuneOptions& options);

}  // namespace etamax
