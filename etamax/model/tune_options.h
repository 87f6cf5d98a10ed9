#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "etamax/core/progress.h"
#include "etamax/core/tuning.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// How the real training will go, and what may be spent on finding its learning rate. The defaults are those of the
/// command line.
struct TuneOptions {
  std::string optimizer = "gd";
  Settings settings = {};
  long steps = 0;                     ///< of the real run, at least 16
  std::int64_t batch_size = 0;        ///< 0: all examples at once
  std::string schedule = "constant";  ///< or cosine, linear: both to 0 at the end of the run
  double budget = 3;                  ///< in runs of `steps` steps
  long seeds = 3;                     ///< starts that the rate must hold for, at least 1
  double validation = 0.2;   ///< share of the examples that is held out, in [0, 0.9]; 0: judged by the training loss
  bool standardize = false;  ///< the inputs, by the training part's columns
  std::int64_t chunk = 4096;
  std::string device = "cpu", dtype = "float32";
  std::uint64_t seed = 0;
  std::string state;  ///< a file that keeps the progress; "": none
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
};

struct TuneRequest {
  std::string model = "mlp", data = "digits";
  std::string loss;  ///< "": the usual one for the targets
  TuneOptions options;
};

/// Which learning rate to use for this training, found within the budget. Throws InputError.
Tuning tune(const TuneRequest& request);

}  // namespace etamax
