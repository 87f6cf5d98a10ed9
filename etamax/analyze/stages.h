#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/analyze/options.h"
#include "etamax/answers/analysis.h"
#include "etamax/curvature/probe.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/problem.h"
#include "etamax/training/short_runs.h"

namespace etamax {

/// An analysis at work: what is asked, and what one stage leaves for the next.
struct AnalysisWork {
  Problem& problem;
  Objective& f;
  const AnalyzeOptions& options;
  Analysis answer = {};

  std::vector<double> losses = {};  ///< of the examples at the start; empty where there are none
  std::optional<Probe> probe = {};  ///< at the start
  Probe::Finding top = {};          ///< what it found
  ShortRunSettings runs = {};
  Starts starts = {};  ///< of the runs

  bool batched() const { return !is_full_batch(f, options.batch_size); }
  ProbeOptions probe_options(bool direction) const {
    return {options.confidence, options.gap, 200, options.seed, direction, true, options.progress};
  }
};

/// One part of the answer.
struct AnalysisStage {
  const char* name;  ///< shown while it works
  bool (*wanted)(const AnalysisWork&);
  void (*fill)(AnalysisWork&);  ///< throws Interrupted, InputError
};

/// In their order: each may use what those before it found.
std::span<const AnalysisStage> analysis_stages();

}  // namespace etamax
