// Which of the rates that work is the best one.
#include <algorithm>
#include <cmath>

#include "etamax/tune/parts.h"

namespace etamax {
namespace {

constexpr int kOctave = Replay::kOctave;
constexpr int kMargin = 1;       // on the grid, above the recommended rate
constexpr double kFlat = 0.03;   // in one seed's shortened run: of rates so close the lower one
constexpr double kTurn = 0.002;  // the held-out loss has turned where it has risen by that share
constexpr std::size_t kMostCandidates = 8;

/// The rates that still compete, after so many steps of the first seed: by loss, the lowest first.
std::vector<int> ranked(Replay& replay, PolicyState& state, const std::vector<int>& rates, long steps,
                        const std::string& purpose) {
  std::vector<std::pair<double, int>> results;
  for (const int k : rates)
    if (const auto trial = replay.evaluate(k, steps, purpose); trial && works(*trial))
      results.push_back({trial->mean_loss.value_or(*trial->loss), k});
  std::sort(results.begin(), results.end());
  std::vector<int> order;
  for (const auto& [loss, k] : results) order.push_back(k);
  if (results.size() >= 2) {
    state.losses.clear();
    for (const auto& [loss, k] : results) state.losses[k] = loss;
    if (results.size() >= 3) state.valley_losses = state.losses, state.valley_steps = steps;
  }
  return order;
}

/// Of those as good as the best, the lowest.
int preferred(const PolicyState& state) {
  int chosen = state.best.front();
  const auto known = state.losses.find(chosen);
  if (known == state.losses.end()) return chosen;
  for (const int k : state.best)
    if (const auto found = state.losses.find(k);
        found != state.losses.end() && found->second <= known->second * (1 + kFlat))
      chosen = std::min(chosen, k);
  return chosen;
}

/// Where the held-out loss of a competing rate was lower earlier in its run, though the training loss fell on: the rate
/// whose run is there only at the horizon, since along a steady descent what counts is rate times steps. From the
/// lowest such rate, the nearest to the answer. None with batches, where the loss goes up and down anyway.
std::optional<int> slower_rate(const Replay& replay, const PolicyState& state) {
  for (const auto& [k, loss] : state.losses) {
    const RunRecord* last = nullptr;
    std::optional<RunRecord::Evaluation> lowest;
    bool steady = replay.terms().evaluate_every() > 0;
    for (const RunRecord& t : replay.trials()) {
      if (t.lr != replay.rate(k) || t.seed != replay.terms().seed || t.warmup_steps > 0 || !t.lowest) continue;
      steady = steady && t.steady;
      if (!lowest || t.lowest->loss < lowest->loss) lowest = t.lowest;
      last = &t;
    }
    if (!steady || !last || *last->loss <= lowest->loss * (1 + kTurn) || *last->training_loss >= lowest->training_loss)
      continue;
    const double share = static_cast<double>(lowest->step) / static_cast<double>(replay.terms().horizon);
    return k + static_cast<int>(std::lround(kOctave * std::log2(share)));
  }
  return {};
}

}  // namespace

void halve(Replay& replay, PolicyState& state) {
  const TuningTerms& terms = replay.terms();
  const long eighth = terms.part(8), quarter = terms.part(4);
  const RunRecord* least = nullptr;
  for (const RunRecord& t : replay.trials())
    if (works(t) && (!least || *t.loss < *least->loss)) least = &t;
  const int best = replay.place(least->lr);
  // Longer runs want rates that are lower, seldom higher: more candidates below.
  std::vector<int> rates;
  for (const int step : {kOctave / 2, 0, -kOctave / 2, -kOctave})
    if (best + step <= *state.highest_that_works) rates.push_back(best + step);
  std::vector<int> order;
  {
    const Replay::Reserve reserve(replay, terms.steps_cost(terms.horizon) * 7 / 8 + terms.judging_cost());
    order = ranked(replay, state, rates, eighth, "candidate");
    while (rates.size() < kMostCandidates) {
      const int lowest = *std::min_element(rates.begin(), rates.end());
      if (!order.empty() && order.front() > lowest) break;
      rates.push_back(lowest - kOctave);
      const std::vector<int> again = ranked(replay, state, rates, eighth, "candidate");
      if (again.size() <= order.size()) break;
      order = again;
    }
  }
  if (order.size() > 2) order.resize(2);
  const Replay::Reserve reserve(replay, terms.steps_cost(terms.horizon) * 3 / 4 + terms.judging_cost());
  if (const auto longer = ranked(replay, state, order, quarter, "candidate"); !longer.empty()) order = longer;
  state.best = order;
}

void check_seeds(Replay& replay, PolicyState& state) {
  std::vector<int>& best = state.best;
  if (best.empty()) return;
  const TuningTerms& terms = replay.terms();
  const Replay::Reserve reserve(replay, terms.steps_cost(terms.horizon) * 3 / 4 + terms.judging_cost());
  // For an eighth of the horizon where the budget pays for that and for both to the end, else for as long as the
  // bracket's runs.
  const long eighth = terms.part(8);
  const std::int64_t finals = 2 * (terms.steps_cost(terms.horizon - terms.part(4)) + 2 * terms.judging_cost());
  const std::int64_t others = (terms.seeds - 1) * (terms.steps_cost(eighth) + terms.judging_cost(eighth));
  const long steps = replay.budget().affords(finals + others) ? eighth : terms.bracket_steps();
  int k = *std::max_element(best.begin(), best.end());
  const auto holds = [&] {
    if (const auto lost = replay.lowest_that_fails(); lost && k + kMargin >= *lost) return false;
    for (long s = 1; s < terms.seeds; ++s) {
      const auto trial =
          replay.evaluate(k + kMargin, terms.seed + static_cast<std::uint64_t>(s), 0, steps, "other seed");
      if (!trial) return true;  // as far as the budget goes
      if (!works(*trial)) return false;
    }
    return true;
  };
  for (int tries = 0; tries < 2 * kOctave && !holds(); ++tries) k -= kMargin;
  const std::size_t asked = best.size();
  std::erase_if(best, [&](int other) { return other > k; });
  if (best.size() < asked && std::find(best.begin(), best.end(), k) == best.end()) best.insert(best.begin(), k);
}

void finish(Replay& replay, PolicyState& state) {
  if (state.best.empty()) return;
  const TuningTerms& terms = replay.terms();
  std::map<int, RunRecord>& finals = state.finals;
  const auto carry_on = [&](int k, long steps) {
    const auto trial = replay.evaluate(k, steps, "finalist");
    if (trial && works(*trial) && steps == terms.horizon) finals[k] = *trial;
    return trial;
  };
  const std::int64_t half_a_run = terms.steps_cost(terms.horizon) / 2 + terms.judging_cost();
  if (!slower_rate(replay, state)) {
    const Replay::Reserve reserve(replay, half_a_run);
    carry_on(preferred(state), terms.part(2));
  }
  if (const auto slower = slower_rate(replay, state)) {
    // To be held against one with warmup.
    if (beyond_edge(replay, state, *slower)) carry_on(*slower, warmup_trial_steps(terms));
    const auto trial = carry_on(*slower, terms.horizon);
    if (trial && works(*trial)) {
      state.best = {*slower};
      return;
    }
  }
  {
    const Replay::Reserve reserve(replay, half_a_run);
    if (const auto order = ranked(replay, state, state.best, terms.part(2), "finalist"); !order.empty())
      state.best = order;
  }
  int k = preferred(state);
  std::optional<RunRecord> last = carry_on(k, terms.horizon);
  {
    const Replay::Reserve reserve(replay, beyond_edge(replay, state, k) ? warmup_cost(replay, state) : 0);
    for (const int other : state.best) carry_on(other, terms.horizon);
  }
  while (finals.empty() && last && !works(*last))
    last = carry_on(k -= kOctave, terms.horizon);  // lost late: lower, while it can be paid
  if (finals.empty()) {
    state.best = {k};
    return;
  }
  // The lowest rate, and a higher one only where it is clearly better.
  state.best = {finals.begin()->first};
  for (const auto& [other, trial] : finals)
    if (*trial.loss < *finals.at(state.best.front()).loss * (1 - kFlat)) state.best = {other};
}

}  // namespace etamax
