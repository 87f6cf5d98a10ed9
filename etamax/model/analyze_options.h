#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "etamax/core/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// How a model is analysed. The defaults are those of the command line.
struct AnalyzeOptions {
  std::string optimizer = "gd";
  Settings settings = {};
  std::optional<double> lr = {};             ///< to be placed on the ruler, and run
  std::optional<double> confidence = 0.999;  ///< of the bounds, in (0, 1); none: a point estimate
  double gap = 0.1;                          ///< wanted: (upper - lower) / upper of lambda_max, in (0, 1)
  std::int64_t batch_size = 0;               ///< of the runs; 0, or the number of examples: all at once
  std::int64_t samples = 0;                  ///< of the examples, at random; 0: all
  std::int64_t chunk = 4096;                 ///< examples at once in memory
  bool standardize = false;                  ///< the inputs
  long steps = 200;                          ///< of each short run; 0: no runs
  long warm_steps = 50;                      ///< for the preconditioner, where no state is given
  bool culprits = true;
  std::string device = "cpu";     ///< cpu, cuda, cuda:1, ...
  std::string dtype = "float32";  ///< float32 or float64
  std::uint64_t seed = 0;         ///< of the starts, the order of the examples, the choice of samples
  /// Told what begins; and asked, often, whether to go on.
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
};

/// What is analysed, by the names of the command line.
struct AnalyzeRequest {
  std::string model = "mlp", data = "digits";
  std::string loss;        ///< "": the usual one for the targets
  std::string checkpoint;  ///< a file with weights and optimizer state; "": none
  AnalyzeOptions options;
};

/// How high the learning rate may go for this model on these data; what limits it; and short runs that prove
/// it. Throws InputError, among others where memory does not suffice, with what would fit.
Analysis analyze(const AnalyzeRequest& request);

/// How many threads the tensor library uses from now on.
void set_threads(int threads);
/// A warning where matrix products will be slow because the BLAS is the reference one; else "".
std::string slow_blas_warning();

}  // namespace etamax
