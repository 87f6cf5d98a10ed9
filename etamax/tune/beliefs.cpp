#include "etamax/tune/beliefs.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "etamax/tune/policy.h"
#include "etamax/tune/spending.h"

namespace etamax {
namespace {

int half_octave(double lr) { return static_cast<int>(std::lround(2 * std::log2(lr))); }
bool lost(const RunRecord& run) { return !run.loss || run.verdict == Verdict::diverges; }

LossScale scale_of(const TuningTerms& terms, const Ledger& ledger) {
  LossScale scale;
  // Where nothing is known before a run, the one that was moved least stands for the start.
  const RunRecord* least = nullptr;
  double lowest = 0;
  for (const auto& [key, run] : ledger.trials) {
    if (!run.loss) continue;
    lowest = std::min(lowest, *run.loss);
    if (!least || run.lr < least->lr || (run.lr == least->lr && run.steps < least->steps)) least = &run;
  }
  const double start = terms.start_loss ? *terms.start_loss : least ? *least->loss : 1.0;
  const double constant = terms.constant_loss.value_or(start);
  scale.floor = lowest;  // of losses below 0 the lowest is taken for the end
  if (constant > scale.floor) {
    scale.constant = constant;
  } else {
    scale.constant = std::max(start, scale.floor + std::max(1e-12, std::abs(scale.floor)));
  }
  scale.start = std::min(0.99, progress_of(start, scale.constant, scale.floor));
  return scale;
}

/// Where losses have fallen far, what differs between them would hardly be seen beside a constant's.
LossScale closer(LossScale scale, const TuningTerms& terms, const Ledger& ledger) {
  constexpr double kFar = 50, kFarthest = 1e12;
  double lowest = scale.constant;
  for (const auto& [key, run] : ledger.trials)
    if (run.loss) lowest = std::min(lowest, *run.loss);
  const double above = scale.constant - scale.floor;
  const double wanted = std::max(kFar * (lowest - scale.floor), above / kFarthest);
  if (wanted >= above || scale.floor < 0) return scale;
  const double start = terms.start_loss.value_or(scale.constant);
  scale.constant = scale.floor + wanted;
  scale.start = std::min(0.99, progress_of(start, scale.constant, scale.floor));
  return scale;
}

double expected_octave_of(const TuningTerms& terms, const Ledger& ledger) {
  std::optional<double> bound;
  if (ledger.start) {
    const Interval& edge = ledger.start->edge.lr;
    if (edge.upper)
      bound = std::log2(edge.lower && *edge.lower > 0 ? std::sqrt(*edge.lower * *edge.upper) : *edge.upper);
    if (ledger.start->polyak_rate) bound = std::min(bound.value_or(INFINITY), std::log2(*ledger.start->polyak_rate));
  }
  if (bound && !std::isfinite(*bound)) bound.reset();
  return expected_octave(usual_rate(terms.optimizer), bound ? &*bound : nullptr);
}

RunsMade made_of(const TuningTerms& terms, const Ledger& ledger) {
  RunsMade made;
  for (const auto& [key, run] : ledger.trials)
    if (const auto share = terms.share_of(key.steps); share && key.warmup_steps == 0)
      made.add(half_octave(key.lr), static_cast<int>(key.seed - terms.seed), *share, lost(run));
  return made;
}

std::vector<Observation> observed_of(const TuningTerms& terms, const Ledger& ledger, const LossScale& scale) {
  std::vector<Observation> observed;
  for (const auto& [key, run] : ledger.trials)
    if (const auto share = terms.share_of(key.steps); share && key.warmup_steps == 0)
      observed.push_back({half_octave(key.lr), static_cast<int>(key.seed - terms.seed), *share,
                          lost(run) ? kLostProgress : progress_of(*run.loss, scale.constant, scale.floor)});
  return observed;
}

std::optional<int> lowest_failing_of(const TuningTerms& terms, const Ledger& ledger, const LossScale& scale) {
  std::optional<int> lowest;
  const auto fails = [&](double lr) { lowest = std::min(lowest.value_or(half_octave(lr)), half_octave(lr)); };
  std::optional<double> learns;
  for (const auto& [key, run] : ledger.trials) {
    if (key.warmup_steps > 0) continue;
    if (lost(run))
      fails(key.lr);
    else if (progress_of(*run.loss, scale.constant, scale.floor) > std::max(0.02, scale.start + 0.02))
      learns = std::min(learns.value_or(key.lr), key.lr);
  }
  for (const auto& [key, run] : ledger.trials)
    if (key.warmup_steps == 0 && key.steps == terms.horizon && run.loss && learns && key.lr > *learns &&
        progress_of(*run.loss, scale.constant, scale.floor) <= std::max(0.0, scale.start))
      fails(key.lr);
  return lowest;
}

/// Of rates that are as good as the best, the one that was seen with the lowest loss: where the loss ends near 0,
/// hardly any progress is between rates that differ by much.
int seen_to_be_best(const TuningTerms& terms, const Ledger& ledger, const Landscape& landscape, int best,
                    std::optional<int> lowest_failing) {
  // Of the progress; more where nothing is held out, and so a loss that is lower after fewer steps is no overfitting.
  const double as_good = terms.validates() ? 0.01 : 0.05;
  const Eigen::VectorXd lost = landscape.lost().rowwise().mean();
  std::map<std::pair<int, std::uint64_t>, double> last;  // by place and seed
  for (const auto& [key, run] : ledger.trials) {
    const int place = landscape.place(half_octave(key.lr));
    if (key.warmup_steps > 0 || !run.loss || place < 0 || place >= Landscape::kRates) continue;
    if (lowest_failing && landscape.rate(place) >= *lowest_failing) continue;
    if (lost[place] <= lost[best] + as_good) last[{place, key.seed}] = *run.loss;
  }
  std::map<int, std::pair<double, int>> sums;
  for (const auto& [run, loss] : last) sums[run.first].first += loss, ++sums[run.first].second;
  std::optional<double> lowest;
  int chosen = best;
  for (const auto& [place, sum] : sums)
    if (const double mean = sum.first / sum.second; !lowest || mean < *lowest) lowest = mean, chosen = place;
  return chosen;
}

/// A rate that was seen to end with much more progress than is expected of the best one.
int seen_to_be_better(const TuningTerms& terms, const Ledger& ledger, const LossScale& scale,
                      const Landscape& landscape, int best, std::optional<int> lowest_failing) {
  constexpr double kMuchMore = 0.15;
  std::map<int, std::pair<double, int>> sums;  // of progress at the horizon, by place
  for (const auto& [key, run] : ledger.trials) {
    const int place = landscape.place(half_octave(key.lr));
    if (key.warmup_steps > 0 || key.steps != terms.horizon || place < 0 || place >= Landscape::kRates) continue;
    if (lowest_failing && landscape.rate(place) >= *lowest_failing) continue;
    sums[place].first += lost(run) ? kLostProgress : progress_of(*run.loss, scale.constant, scale.floor);
    ++sums[place].second;
  }
  double most = landscape.progress().row(best * kShares + kWhole).mean() + kMuchMore;
  for (const auto& [place, sum] : sums)
    if (sum.first / sum.second > most) most = sum.first / sum.second, best = place;
  return best;
}

double most_progress_of(const Ledger& ledger, const LossScale& scale) {
  double most = -1;
  for (const auto& [key, run] : ledger.trials)
    if (run.loss) most = std::max(most, progress_of(*run.loss, scale.constant, scale.floor));
  return most;
}

}  // namespace

double rate_of(int half_octave) { return std::exp2(half_octave / 2.0); }

Beliefs::Beliefs(const TuningTerms& terms, const Ledger& ledger, const Prior& prior)
    : scale(scale_of(terms, ledger)),
      close(closer(scale, terms, ledger)),
      made(made_of(terms, ledger)),
      observed(observed_of(terms, ledger, close)),
      lowest_failing(lowest_failing_of(terms, ledger, scale)),
      most_progress(most_progress_of(ledger, scale)),
      landscape(prior,
                {usual_rate(terms.optimizer), expected_octave_of(terms, ledger), terms.full_batch(), terms.decays,
                 close.start},
                observed),
      best(seen_to_be_better(
          terms, ledger, close, landscape,
          seen_to_be_best(terms, ledger, landscape, best_place(landscape, lowest_failing), lowest_failing),
          lowest_failing)) {}

double Beliefs::rate() const { return rate_of(landscape.rate(best)); }

double Beliefs::expected_loss(int share) const {
  const double mean = landscape.progress().row(best * kShares + share).mean();
  return loss_of(std::clamp(mean, -1.0, 1.0), close.constant, close.floor);
}

bool Beliefs::anything_learns() const {
  constexpr double kLeast = 0.01, kFarAbove = -0.1;
  if (most_progress > std::max(kLeast, scale.start + kLeast)) return true;
  return scale.start < kFarAbove && most_progress > 0.75 * scale.start;
}

std::optional<TrialRequest> next_trial(const TuningTerms& terms, const Beliefs& beliefs, std::int64_t left) {
  Means means;
  means.starts = static_cast<int>(std::min<long>(terms.seeds, 100));
  means.first_share = terms.first_share();
  means.run = terms.run_cost();
  means.left = left;
  means.cost = [&](int from, int share) {
    return run_cost(terms, from < 0 ? 0 : terms.steps_at(from), terms.steps_at(share));
  };
  const auto choice = next_run(beliefs.landscape, beliefs.made, means, beliefs.best);
  if (!choice) return std::nullopt;
  return TrialRequest{rate_of(choice->rate), terms.seed + static_cast<std::uint64_t>(choice->start), 0,
                      terms.steps_at(choice->share),
                      choice->confirms    ? "confirmation"
                      : choice->start > 0 ? "other start"
                                          : "search"};
}

}  // namespace etamax
