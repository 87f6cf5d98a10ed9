// What is believed of the rate to recommend, in the answer's numbers.
#include <algorithm>
#include <cmath>
#include <set>

#include "etamax/tune/beliefs.h"
#include "etamax/tune/policy.h"

namespace etamax {
namespace {

constexpr double kProbability = 0.8;  // of the interval; on the part to learn from it contains 85% of the best rates,
constexpr double kSampled = 0.74;     // as those of new tasks are further off
constexpr double kPriorStarts = 4;    // as many starts as what was recorded counts for

/// Between the samples' best rates.
std::array<double, 2> interval_of(const Beliefs& beliefs) {
  std::vector<double> rates;
  for (int m = 0; m < Landscape::kSamples; ++m) {
    Eigen::Index place = 0;
    beliefs.landscape.lost().col(m).minCoeff(&place);
    rates.push_back(beliefs.landscape.rate(static_cast<int>(place)));
  }
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) {
    return rates[static_cast<std::size_t>(share * (Landscape::kSamples - 1) + 0.5)];
  };
  const double here = beliefs.landscape.rate(beliefs.best);
  return {std::exp2(std::min(at((1 - kSampled) / 2), here) / 2), std::exp2(std::max(at((1 + kSampled) / 2), here) / 2)};
}

void bracket_of_all_seeds(const TuningTerms& terms, const Beliefs& beliefs, const Ledger& ledger,
                          LargestTrainable& found) {
  found.steps = terms.steps_at(terms.first_share());
  if (beliefs.lowest_failing) found.lr.upper = rate_of(*beliefs.lowest_failing);
  double up_to = 0;
  for (const auto& [key, run] : ledger.trials)
    if (run.loss && beliefs.progress(*run.loss) > beliefs.scale.start && (!found.lr.upper || run.lr < *found.lr.upper))
      up_to = std::max(up_to, run.lr);
  if (up_to > 0) found.lr.lower = up_to;
  if (!found.lr.lower)
    found.reason = "no run trained";
  else if (!found.lr.upper)
    found.reason = "no rate that was tried failed";
}

Tuning::Valley valley_of(const TuningTerms& terms, const Beliefs& beliefs, const std::array<double, 2>& interval) {
  Tuning::Valley valley;
  valley.steps = terms.horizon;
  for (int place = 0; place < Landscape::kRates; ++place) {
    const double lr = rate_of(beliefs.landscape.rate(place));
    if (lr < interval[0] / 4 || lr > interval[1] * 4) continue;
    const double mean = beliefs.landscape.progress().row(place * kShares + kWhole).mean();
    const double loss = loss_of(std::min(mean, 0.9999), beliefs.close.constant, beliefs.close.floor);
    valley.points.push_back({lr, loss});
  }
  return valley;
}

}  // namespace

void report(const TuningTerms& terms, const Beliefs& beliefs, const Ledger& ledger, Tuning& answer) {
  bracket_of_all_seeds(terms, beliefs, ledger, answer.trainable);
  std::set<std::uint64_t> starts;
  for (const auto& [key, run] : ledger.trials) starts.insert(key.seed);
  answer.starts = static_cast<long>(starts.size());
  if (!beliefs.anything_learns()) return;
  const Landscape& landscape = beliefs.landscape;
  const int best = beliefs.best;
  answer.lr_recommended = beliefs.rate();
  answer.lr_interval = interval_of(beliefs);
  answer.lr_interval_probability = kProbability;
  if (answer.trainable.lr.upper && *answer.lr_recommended < *answer.trainable.lr.upper)
    (*answer.lr_interval)[1] = std::min((*answer.lr_interval)[1], *answer.trainable.lr.upper);
  answer.valley = valley_of(terms, beliefs, *answer.lr_interval);

  // Over samples of what is expected, and over starts.
  const Eigen::ArrayXd progress = landscape.progress().row(best * kShares + kWhole).array();
  const double mean = progress.mean(), variance = (progress - mean).square().mean() + landscape.variance(best, kWhole);
  const auto loss = [&](double p) {
    return loss_of(std::clamp(p, -1.0, 1.0), beliefs.close.constant, beliefs.close.floor);
  };
  answer.expected_loss = loss(mean);
  answer.expected_loss_spread = 0.5 * (loss(mean - std::sqrt(variance)) - loss(mean + std::sqrt(variance)));
  answer.expected_loss_spread_steps = terms.horizon;
  // What was measured at the horizon, where something was.
  double measured = 0, runs = 0;
  for (const auto& [key, run] : ledger.trials)
    if (key.lr == *answer.lr_recommended && key.warmup_steps == 0 && key.steps == terms.horizon && run.loss)
      measured += *run.loss, ++runs;
  if (runs > 0) answer.expected_loss = measured / runs;
  double failed = kPriorStarts * landscape.failing(best), of = kPriorStarts;
  for (const auto& [key, run] : ledger.trials) {
    if (key.lr != *answer.lr_recommended || key.warmup_steps > 0) continue;
    const bool ends = key.steps == terms.horizon || !run.loss;
    of += ends;
    failed += ends && (!run.loss || beliefs.progress(*run.loss) <= 0);
    if (key.steps == terms.horizon && key.seed == terms.seed) answer.recommended_was_run = true;
  }
  answer.failure_probability = failed / of;
  answer.beats_constant = !terms.constant_loss || *answer.expected_loss < *terms.constant_loss;
}

}  // namespace etamax
