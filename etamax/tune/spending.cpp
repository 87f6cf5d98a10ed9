#include "etamax/tune/spending.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "etamax/core/error.h"

namespace etamax {
namespace {

constexpr double kEdgeShare = 0.03;  // of the budget

std::int64_t preconditioner_cost(const TuningTerms& terms) {
  return terms.preconditioned ? terms.steps_cost(kPreconditionerSteps) : 0;
}

}  // namespace

std::int64_t edge_examples(const TuningTerms& terms) {
  if (!terms.has_edge) return 0;
  const auto share = static_cast<std::int64_t>(kEdgeShare * static_cast<double>(terms.limit()));
  const std::int64_t examples =
      std::min(terms.training_examples, (share - preconditioner_cost(terms)) / (kUnitsOfEdge + Budget::kGradient));
  return examples < std::min(kLeastEdgeExamples, terms.training_examples) ? 0 : examples;
}

std::int64_t edge_cost(const TuningTerms& terms) {
  return preconditioner_cost(terms) + (kUnitsOfEdge + Budget::kGradient) * edge_examples(terms);
}

std::int64_t examples_of_a_look(const TuningTerms& terms) {
  const std::int64_t examples = edge_examples(terms);
  return std::max(std::min(kLeastEdgeExamples, examples), examples / kWarmupLooks);
}

std::int64_t warmup_edges_cost(const TuningTerms& terms) {
  return terms.steps_cost(terms.warmup_steps()) + kWarmupLooks * kUnitsOfEdge * examples_of_a_look(terms);
}

std::int64_t run_cost(const TuningTerms& terms, long made, long steps) {
  return terms.steps_cost(steps - made) + terms.evaluations_cost(made, steps) + terms.judging_cost(steps);
}

Spending spending(const TuningTerms& terms, const Ledger& ledger) {
  Spending spent;
  if (ledger.start) spent.edge += edge_cost(terms);
  if (ledger.warmup_edges) spent.edge += warmup_edges_cost(terms);
  std::map<std::tuple<double, std::uint64_t, long>, long> made;
  for (const auto& [key, run] : ledger.trials) {
    long& before = made[{key.lr, key.seed, key.warmup_steps}];
    if (key.steps <= before || run.units > run_cost(terms, before, key.steps))
      throw InputError("state", "is damaged; name a new file");
    before = key.steps;
    spent.runs += run.units;
  }
  if (spent.all() > terms.limit()) throw InputError("state", "is damaged; name a new file");
  return spent;
}

}  // namespace etamax
