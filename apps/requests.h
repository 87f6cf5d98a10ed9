#pragma once

#include "etamax/analyze/analyze.h"
#include "etamax/model/setup.h"
#include "etamax/tune/tune.h"

/// The verbs by the names of the command line: from names to a problem, within the memory that there is.
namespace etamax::apps {

struct AnalyzeRequest {
  ModelSetup setup;
  AnalyzeOptions options;
  bool check = false;  ///< refuse where there is no rate to check, or no edge for it to be below
};
struct TuneRequest {
  TuneRequest() { setup.validation = 0.2; }
  ModelSetup setup;
  TuneOptions options;
};

/// Throw InputError, among others where memory does not suffice, with what would fit. The setup's seed is the options'.
Analysis analyze(AnalyzeRequest request);
/// For `check`: a rate, and an optimizer that has an edge for it to be below. Throws InputError.
void refuse_unchecked(const OptimizerSpec& optimizer, const std::optional<double>& lr);
Tuning tune(TuneRequest request);

}  // namespace etamax::apps
