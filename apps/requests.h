#pragma once

#include "etamax/analyze/analyze.h"
#include "etamax/follow/follow.h"
#include "etamax/model/setup.h"
#include "etamax/spectra/spectra.h"
#include "etamax/tune/tune.h"

/// The verbs by the names of the command line: from names to a problem, within the memory that there is.
namespace etamax::apps {

struct AnalyzeRequest {
  ModelSetup setup;
  AnalyzeOptions options;
  bool check = false;  ///< refuse where there is no rate to check, or no edge for it to be below
};
struct FollowRequest {
  ModelSetup setup;
  FollowingOptions options;
};
struct SpectrumRequest {
  ModelSetup setup;
  SpectrumOptions options;
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
Following follow(FollowRequest request);
Spectra spectrum(SpectrumRequest request);
Tuning tune(TuneRequest request);

}  // namespace etamax::apps
