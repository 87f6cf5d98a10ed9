#pragma once

#include <optional>
#include <string>

#include "etamax/core/diagnosis.h"
#include "etamax/core/progress.h"
#include "etamax/diagnose/source.h"
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

/// Reads the log to its end in bounded memory, and says what happened. Throws InputError where an option is
/// wrong, the log is empty or no log, has fewer than two records, or no column to diagnose (the message lists
/// those that it has). Interrupted, it answers from what it has read by then, marked partial, and throws
/// Interrupted where that is too little.
Diagnosis diagnose(ByteSource& log, const DiagnoseOptions& options);

/// The share of explanations that a verdict needs to be given; with less it is `unclear`.
constexpr double kDecisive = 0.7;

}  // namespace etamax
