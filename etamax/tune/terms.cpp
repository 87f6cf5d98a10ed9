#include "etamax/tune/terms.h"

#include <algorithm>
#include <cmath>

namespace etamax {
namespace {

constexpr double kEvaluationsShare = 0.02;  // of what the steps cost
constexpr long kMostEvaluations = 64;
constexpr long kLeastSteps = 4;

}  // namespace

int TuningTerms::first_share() const {
  int share = 0;
  while (steps_at(share) < kLeastSteps && steps_at(share) < horizon) ++share;
  return share;
}

std::optional<int> TuningTerms::share_of(long steps) const {
  for (int share = first_share(); share <= 4; ++share)
    if (steps_at(share) == steps) return share;
  return std::nullopt;
}

long TuningTerms::warmup_steps() const { return std::max<long>(8, horizon / 16); }

std::int64_t TuningTerms::judging_cost(long steps) const {
  // The loss of the part that judges, and its outputs where the loss is near that of a constant; perhaps all of the
  // training part.
  const std::int64_t judges = validates() ? validation_examples : training_examples;
  return Budget::kForward * (2 * judges + (validates() && judges_all(steps) ? training_examples : 0));
}

long TuningTerms::evaluate_every() const {
  if (!validates() || !full_batch()) return 0;
  const double once = static_cast<double>(Budget::kForward * validation_examples);
  const double step = static_cast<double>(steps_cost(1));
  return std::max(static_cast<long>(std::ceil(once / (kEvaluationsShare * step))),
                  (horizon + kMostEvaluations - 1) / kMostEvaluations);
}

std::int64_t TuningTerms::evaluations_cost(long made, long steps) const {
  const long every = evaluate_every();
  return every > 0 && steps > made ? Budget::kForward * validation_examples * ((steps - 1) / every - made / every) : 0;
}

std::int64_t TuningTerms::least_budget() const {
  const long shortest = steps_at(first_share());
  return 4 * (steps_cost(shortest) + evaluations_cost(0, shortest) + judging_cost(shortest)) + steps_cost(horizon) +
         evaluations_cost(0, horizon) + 2 * judging_cost();
}

}  // namespace etamax
