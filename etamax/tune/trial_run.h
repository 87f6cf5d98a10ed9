#pragma once

#include <cmath>
#include <deque>

#include "etamax/answers/run_record.h"
#include "etamax/problem/problem.h"
#include "etamax/training/training.h"
#include "etamax/tune/options.h"
#include "etamax/tune/terms.h"

namespace etamax {

/// The training in numbers, as the policy and its runs see it.
TuningTerms terms_of(Problem& problem, const TuneOptions& options);

/// A training at one rate from one seed's start that can be stopped, judged and carried on. It leaves the problem's
/// objective at its parameters.
class TrialRun {
 public:
  /// `start_loss`: of the first seed, on the training part.
  TrialRun(Problem& problem, const TuneOptions& options, const TuningTerms& terms, double start_loss, double lr,
           std::uint64_t seed, long warmup_steps);
  /// Trains until `steps` steps are made, or the loss is above the divergence threshold. The record is judged after
  /// that: the loss on the part that judges; the training loss on all of its part where the terms say so, else as the
  /// mean of the last epoch's batches.
  RunRecord train_to(long steps);

 private:
  void evaluate(double loss, double training_loss);
  double recent_loss() const;

  Problem& problem_;
  const TuningTerms& terms_;
  Objective& judge_;  ///< the validation part, or the training part
  Training training_;
  RunRecord record_;
  std::deque<double> recent_;  ///< the losses of the last epoch's batches
};

}  // namespace etamax
