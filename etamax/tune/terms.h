#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "etamax/tune/budget.h"

namespace etamax {

/// What a policy knows of the training that is to be tuned: numbers alone. Costs are in the units of Budget.
struct TuningTerms {
  long horizon = 0;  ///< steps of the real run
  std::int64_t training_examples = 1, validation_examples = 0;
  std::int64_t batch_size = 1;  ///< examples in a step, at most
  long seeds = 1;
  std::uint64_t seed = 0;                    ///< the first of them
  double budget = 3;                         ///< that may be spent, in runs of the horizon
  bool has_edge = false;                     ///< the optimizer has a stability edge
  bool preconditioned = false;               ///< which needs some steps to be known
  std::string optimizer = {};                ///< its name, where it is one of the table's
  bool decays = false;                       ///< the rate falls along the real run
  std::optional<double> constant_loss = {};  ///< of the best constant predictor, on the part that judges
  std::optional<double> start_loss = {};     ///< there, of the first seed before any step

  bool validates() const { return validation_examples > 0; }
  bool full_batch() const { return batch_size >= training_examples; }
  /// Runs are seen after a 16th of the horizon, an 8th, a quarter, a half and all of it: `share` 0 to 4; from the first
  /// of these on that has 4 steps.
  long steps_at(int share) const { return horizon >> (4 - share); }
  int first_share() const;
  /// Its number; none where no run is seen after so many steps.
  std::optional<int> share_of(long steps) const;
  /// As long as a warmup is tried.
  long warmup_steps() const;

  std::int64_t steps_cost(long steps) const { return Budget::kGradient * batch_size * steps; }
  /// What it costs at most to judge a run, the whole one or its first `steps` steps.
  std::int64_t judging_cost(long steps) const;
  std::int64_t judging_cost() const { return judging_cost(horizon); }
  /// On the way a run is evaluated after every so many steps, as often as costs no more than 2% of the steps. 0: never,
  /// where an evaluation costs much or tells little: with batches, and where the training part judges itself.
  long evaluate_every() const;
  /// The evaluations of a run that is carried on from `made` to `steps` steps; its end is judged anyway.
  std::int64_t evaluations_cost(long made, long steps) const;
  /// Whether the training loss after so many steps is that of all of its part: at the horizon, and where every step
  /// takes all of it.
  bool judges_all(long steps) const { return steps >= horizon || full_batch(); }
  /// One run of the whole horizon, judged; and the least for which there is an answer: four of the shortest
  /// runs, and one to the end.
  std::int64_t limit() const { return static_cast<std::int64_t>(budget * static_cast<double>(run_cost())); }
  std::int64_t run_cost() const { return steps_cost(horizon) + judging_cost(); }
  std::int64_t least_budget() const;
};

}  // namespace etamax
