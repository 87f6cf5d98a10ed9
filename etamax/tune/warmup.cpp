#include "etamax/tune/warmup.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/tune/spending.h"

namespace etamax {
namespace {

constexpr double kHelps = 0.1;  // one seed's runs differ by that much of themselves
constexpr int kLeastPart = 8;   // of the horizon: shorter runs are all warmup

/// The first seed's run without warmup that one with it is held against: the shortest that is long enough.
const RunRecord* run_without(const TuningTerms& terms, const Ledger& ledger, double lr) {
  const RunRecord* shortest = nullptr;
  for (const auto& [key, run] : ledger.trials)
    if (key.lr == lr && key.seed == terms.seed && key.warmup_steps == 0 && key.steps >= terms.horizon / kLeastPart &&
        key.steps >= 2 * terms.warmup_steps() && (!shortest || key.steps < shortest->steps))
      shortest = &run;
  return shortest;
}

const RunRecord* run_with(const TuningTerms& terms, const Ledger& ledger, double lr) {
  for (const auto& [key, run] : ledger.trials)
    if (key.lr == lr && key.seed == terms.seed && key.warmup_steps > 0) return &run;
  return nullptr;
}

}  // namespace

WarmupFinding find_warmup(const TuningTerms& terms, const Ledger& ledger, double lr, std::int64_t left) {
  WarmupFinding found;
  const bool has_edge = ledger.start && ledger.start->edge.lr.lower;
  if (has_edge && lr <= *ledger.start->edge.lr.lower) {
    found.steps = 0;
    found.reason = "the rate is below the edge at the start: the first steps are stable as they are";
    return found;
  }
  const RunRecord* without = run_without(terms, ledger, lr);
  const RunRecord* with = run_with(terms, ledger, lr);
  const std::int64_t trial = without ? run_cost(terms, 0, without->steps) : 0;
  if (ledger.warmup_edges) found.edges = *ledger.warmup_edges;
  if (!without) {
    found.reason = "there is no run of the first seed to hold one with warmup against";
    return found;
  }
  if (!with && ledger.start && edge_examples(terms) > 0 && !ledger.warmup_edges) {
    if (left < trial + warmup_edges_cost(terms)) {
      found.reason = "the budget did not pay for a run with warmup";
      return found;
    }
    found.request = WarmupEdgesRequest{lr, terms.warmup_steps(), kWarmupLooks, examples_of_a_look(terms)};
    return found;
  }
  long warmup = terms.warmup_steps();
  std::string edges;
  for (const EdgeAtStep& then : found.edges) {
    if (then.edge.lower && lr <= *then.edge.lower) {
      warmup = then.step;
      edges = fmt::format("along a warmup the edge is above the rate after {} steps; ", then.step);
      break;
    }
    edges = fmt::format("along a warmup the edge stays below the rate for {} steps; ", then.step);
  }
  if (!with) {
    if (left < trial) {
      found.reason = edges + "the budget did not pay for a run with warmup";
      return found;
    }
    found.request = TrialRequest{lr, terms.seed, warmup, without->steps, "warmup"};
    return found;
  }
  const bool trains = with->loss && with->verdict != Verdict::diverges;
  const bool helps = trains && (!without->loss || *with->loss < *without->loss * (1 - kHelps));
  found.steps = helps ? with->warmup_steps : 0;
  found.reason =
      edges + (trains ? fmt::format("measured: after {} steps the loss is {} with {} steps of warmup, {} without",
                                    without->steps, format_number(*with->loss, 3), with->warmup_steps,
                                    without->loss ? format_number(*without->loss, 3) : "lost")
                      : fmt::format("measured: with {} steps of warmup the run does not train", with->warmup_steps));
  return found;
}

}  // namespace etamax
