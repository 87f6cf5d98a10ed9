#pragma once

#include "etamax/analyze/analyze.h"
#include "etamax/model/setup.h"
#include "etamax/tune/tune.h"

/// The verbs by the names of the command line: from names to a problem, within the memory that there is.
namespace etamax::apps {

struct AnalyzeRequest {
  ModelSetup setup;
  AnalyzeOptions options;
};
struct TuneRequest {
  TuneRequest() { setup.validation = 0.2; }
  ModelSetup setup;
  TuneOptions options;
};

/// Throw InputError, among others where memory does not suffice, with what would fit. The setup's seed is the options'.
Analysis analyze(AnalyzeRequest request);
Tuning tune(TuneRequest request);

}  // namespace etamax::apps
