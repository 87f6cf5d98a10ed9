#include "etamax/tune/replay.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"

namespace etamax {

Replay::Replay(const TuningTerms& terms, const Ledger& ledger)
    : terms_(terms), ledger_(ledger), budget_(terms.limit()) {}

double Replay::rate(int k) const { return first_rate_ * std::exp2(k / static_cast<double>(kOctave)); }
int Replay::place(double lr) const { return static_cast<int>(std::lround(kOctave * std::log2(lr / first_rate_))); }

std::optional<RunRecord> Replay::evaluate(int k, std::uint64_t seed, long warmup, long steps,
                                          const std::string& purpose) {
  const auto place = std::make_tuple(k, seed, warmup);
  const auto last = last_.find(place);
  if (last != last_.end() && (last->second.steps >= steps || fails(last->second))) {
    for (const RunRecord& t : trials_)
      if (t.lr == rate(k) && t.seed == seed && t.warmup_steps == warmup && t.steps == steps) return t;
    return last->second;
  }
  const long made = last != last_.end() ? last->second.steps : 0;
  const std::int64_t most =
      terms_.steps_cost(steps - made) + terms_.evaluations_cost(made, steps) + terms_.judging_cost(steps);
  if (!budget_.affords(most + reserved_)) return std::nullopt;
  const TrialRequest request{rate(k), seed, warmup, steps, purpose};
  const RunRecord* known = ledger_.find(request);
  if (!known) throw Missing{request};
  if (known->units > most) throw InputError("state", "is damaged; name a new file");
  RunRecord result = *known;
  result.purpose = purpose;
  budget_.spend(result.units);
  last_[place] = result;
  trials_.push_back(result);
  return result;
}

const StartFinding& Replay::start(const EdgeRequest& request, std::int64_t cost) {
  if (!ledger_.start) throw Missing{request};
  budget_.spend(cost);
  edge_cost_ += cost;
  return *ledger_.start;
}

const std::vector<EdgeAtStep>& Replay::warmup_edges(const WarmupEdgesRequest& request, std::int64_t cost) {
  if (!ledger_.warmup_edges) throw Missing{request};
  budget_.spend(cost);
  edge_cost_ += cost;
  return *ledger_.warmup_edges;
}

std::optional<int> Replay::lowest_that_fails() const {
  std::optional<double> trains;
  for (const RunRecord& t : trials_)
    if (works(t) && t.warmup_steps == 0) trains = std::min(trains.value_or(t.lr), t.lr);
  std::optional<int> lowest;
  for (const auto& [key, last] : last_) {
    const auto& [k, seed, warmup] = key;
    if (warmup > 0) continue;
    const bool lost = fails(last) || (!works(last) && trains && *trains < last.lr);
    if (lost) lowest = std::min(lowest.value_or(k), k);
  }
  return lowest;
}

}  // namespace etamax
