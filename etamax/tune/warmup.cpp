// Whether the rate should rise to where it goes.
#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/tune/parts.h"

namespace etamax {
namespace {

constexpr int kLooks = 3;             // at the edge, along a warmup
constexpr double kWarmupHelps = 0.1;  // one seed's runs differ by that much of themselves

std::int64_t examples_of_a_look(const PolicyState& state) {
  return std::max<std::int64_t>(std::min<std::int64_t>(kLeastEdgeExamples, state.edge_examples),
                                state.edge_examples / kLooks);
}

std::int64_t edges_cost(const Replay& replay, const PolicyState& state) {
  if (state.edge_examples == 0) return 0;
  return replay.terms().steps_cost(replay.terms().bracket_steps()) + kLooks * kUnitsOfEdge * examples_of_a_look(state);
}

/// How the edge moves while the rate rises to it over as many steps as the bracket's runs have.
void follow_edge(Replay& replay, PolicyState& state, int k) {
  if (state.edge_examples == 0 || !replay.budget().affords(warmup_cost(replay, state))) return;
  state.warmup_edges = replay.warmup_edges(
      {replay.rate(k), replay.terms().bracket_steps(), kLooks, examples_of_a_look(state)}, edges_cost(replay, state));
}

}  // namespace

bool beyond_edge(const Replay& replay, const PolicyState& state, int k) {
  return !state.edge.lr.lower || replay.rate(k) > *state.edge.lr.lower;
}

long warmup_trial_steps(const TuningTerms& terms) {
  return std::min(terms.horizon, std::max(terms.part(4), 2 * terms.bracket_steps()));
}

std::int64_t warmup_cost(const Replay& replay, const PolicyState& state) {
  const TuningTerms& terms = replay.terms();
  const long steps = warmup_trial_steps(terms);
  return edges_cost(replay, state) + terms.steps_cost(steps) + terms.evaluations_cost(0, steps) +
         terms.judging_cost(steps);
}

void try_warmup(Replay& replay, PolicyState& state) {
  if (state.best.empty()) return;
  const TuningTerms& terms = replay.terms();
  const int k = state.best.front();
  if (!beyond_edge(replay, state, k)) {
    state.warmup_steps = 0;
    state.warmup_reason = "the rate is below the edge at the start: the first steps are stable as they are";
    return;
  }
  follow_edge(replay, state, k);
  long warmup = terms.bracket_steps();
  std::string edges;
  for (const EdgeAtStep& then : state.warmup_edges) {
    if (then.edge.lower && replay.rate(k) <= *then.edge.lower) {
      warmup = then.step;
      edges = fmt::format("along a warmup the edge is above the rate after {} steps; ", then.step);
      break;
    }
    edges = fmt::format("along a warmup the edge stays below the rate for {} steps; ", then.step);
  }
  const auto without = replay.evaluate(k, warmup_trial_steps(terms), "warmup");
  // As long as the run that there is.
  const long steps = without && works(*without) ? without->steps : warmup_trial_steps(terms);
  const auto with = replay.evaluate(k, terms.seed, warmup, steps, "warmup");
  if (!without || !with) {
    state.warmup_reason = edges + "the budget did not pay for a run with warmup";
    return;
  }
  const bool helps = works(*with) && (!works(*without) || *with->loss < *without->loss * (1 - kWarmupHelps));
  state.warmup_steps = helps ? warmup : 0;
  state.warmup_reason =
      edges + (works(*with) ? fmt::format("measured: after {} steps the loss is {} with {} steps of warmup, {} without",
                                          steps, format_number(*with->loss, 3), warmup,
                                          without->loss ? format_number(*without->loss, 3) : "lost")
                            : fmt::format("measured: with {} steps of warmup the run does not train", warmup));
  if (!helps) return;
  const auto last = replay.evaluate(k, terms.seed, warmup, terms.horizon, "finalist");
  if (last && works(*last)) state.finals[k] = *last;
}

}  // namespace etamax
