#pragma once

#include <map>
#include <memory>

#include "etamax/problem/problem.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/options.h"
#include "etamax/tune/trial_run.h"

namespace etamax {

/// Carries out what a policy asks for, with the problem's objective and its runs. Runs that may be carried on are kept.
class Trials {
 public:
  Trials(Problem& problem, const TuneOptions& options, const TuningTerms& terms, double start_loss);

  /// Throws Interrupted.
  TuningResult make(const TuningRequest& request, const Ledger& ledger);
  long products() const { return products_; }  ///< with Hessians, so far

 private:
  StartFinding edge_at_start(const EdgeRequest& request);
  RunRecord trial(const TrialRequest& request, const Ledger& ledger);
  std::vector<EdgeAtStep> edges_along_warmup(const WarmupEdgesRequest& request);
  std::unique_ptr<Objective> objective_on(std::int64_t examples);

  Problem& problem_;
  const TuneOptions& options_;
  const TuningTerms& terms_;
  double start_loss_;
  std::map<std::tuple<double, std::uint64_t, long>, std::unique_ptr<TrialRun>> runs_;  ///< by rate, seed, warmup
  long products_ = 0;
};

}  // namespace etamax
