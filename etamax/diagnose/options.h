#pragma once

#include <optional>
#include <string>

#include "etamax/core/fields.h"
#include "etamax/core/progress.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

struct DiagnoseOptions {
  std::string format;        ///< a name of log_formats(); empty: by what the log looks like
  std::string column;        ///< to diagnose; empty: the column that looks most like a training loss
  std::string step_column;   ///< empty: the one that looks most like a step
  std::optional<double> lr;  ///< positive and finite; where the log has none, or another
  std::string optimizer = "gd";
  Settings settings;       ///< hyperparameters
  std::string expression;  ///< the function whose iterates the log holds; empty: unknown
  Progress progress;       ///< called with 0 now and then (how long a log is, a pipe does not tell)
};

/// The optimizer and its settings are not among them: see OptimizerOptions.
Fields fields(DiagnoseOptions& options);

}  // namespace etamax
