#include "etamax/tune/warmup.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/tune/spending.h"

namespace etamax {
namespace {

constexpr double kHelps = 0.1;      // one seed's runs differ by that much of themselves
constexpr double kLeastBudget = 4;  // runs: with less the rate itself needs all of it

long trial_steps(const TuningTerms& terms) { return std::max(terms.steps_at(kWarmupShare), 2 * terms.warmup_steps()); }

bool below_edge(const Ledger& ledger, double lr) {
  return ledger.start && ledger.start->edge.lr.lower && lr <= *ledger.start->edge.lr.lower;
}

std::int64_t edges_cost(const TuningTerms& terms, const Ledger& ledger) {
  return ledger.start && !ledger.warmup_edges && edge_examples(terms) > 0 ? warmup_edges_cost(terms) : 0;
}

const RunRecord* run_with(const TuningTerms& terms, const Ledger& ledger, double lr) {
  for (const auto& [key, run] : ledger.trials)
    if (key.lr == lr && key.seed == terms.seed && key.warmup_steps > 0) return &run;
  return nullptr;
}

}  // namespace

std::int64_t kept_for_warmup(const TuningTerms& terms, const Ledger& ledger, double lr) {
  if (terms.budget < kLeastBudget || below_edge(ledger, lr) || run_with(terms, ledger, lr)) return 0;
  return edges_cost(terms, ledger) + run_cost(terms, 0, trial_steps(terms));
}

WarmupFinding find_warmup(const TuningTerms& terms, const Ledger& ledger, double lr, double expected,
                          std::int64_t left) {
  WarmupFinding found;
  if (below_edge(ledger, lr)) {
    found.steps = 0;
    found.reason = "the rate is below the edge at the start: the first steps are stable as they are";
    return found;
  }
  const long steps = trial_steps(terms);
  const std::int64_t trial = run_cost(terms, 0, steps);
  const RunRecord* with = run_with(terms, ledger, lr);
  const RunRecord* without = ledger.find({lr, terms.seed, 0, steps});
  const std::optional<double> loss_without = without ? without->loss : expected;
  if (ledger.warmup_edges) found.edges = *ledger.warmup_edges;
  if (const std::int64_t edges = edges_cost(terms, ledger); !with && edges > 0) {
    if (left < trial + edges) {
      found.reason = "the budget did not pay for a run with warmup; one of 4 runs or more does";
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
      found.reason = edges + "the budget did not pay for a run with warmup; one of 4 runs or more does";
      return found;
    }
    found.request = TrialRequest{lr, terms.seed, warmup, steps, "warmup"};
    return found;
  }
  const bool trains = with->loss && with->verdict != Verdict::diverges;
  const bool helps = trains && (!loss_without || *with->loss < *loss_without * (1 - kHelps));
  found.steps = helps ? with->warmup_steps : 0;
  found.reason =
      edges + (trains ? fmt::format("measured: after {} steps the loss is {} with {} steps of warmup, {}{} without",
                                    steps, format_number(*with->loss, 3), with->warmup_steps,
                                    loss_without ? format_number(*loss_without, 3) : "lost", without ? "" : " expected")
                      : fmt::format("measured: with {} steps of warmup the run does not train", with->warmup_steps));
  return found;
}

}  // namespace etamax
