#include "etamax/tune/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/tune/parts.h"

namespace etamax {
namespace {

void check_budget(const TuningTerms& terms) {
  if (terms.least_budget() <= terms.limit()) return;
  const double run = static_cast<double>(terms.run_cost());
  throw InputError(
      "budget",
      fmt::format("{} runs are too few for an answer; {} is the smallest that may do", format_number(terms.budget),
                  format_number(0.01 * std::ceil(100 * static_cast<double>(terms.least_budget()) / run), 4)));
}

/// The order of the parts.
void follow(Replay& replay, PolicyState& state) {
  find_edge(replay, state);
  find_limit(replay, state);
  if (!state.highest_that_works) return;
  halve(replay, state);
  check_seeds(replay, state);
  finish(replay, state);
  try_warmup(replay, state);
}

void bracket_of_all_seeds(const Replay& replay, const PolicyState& state, LargestTrainable& found) {
  found.steps = replay.terms().bracket_steps();
  if (state.highest_that_works) {
    const auto lost = replay.lowest_that_fails();
    double up_to = 0;
    for (const RunRecord& t : replay.trials())
      if (works(t) && (!lost || t.lr < replay.rate(*lost))) up_to = std::max(up_to, t.lr);
    if (up_to > 0) found.lr.lower = up_to;
    if (lost) found.lr.upper = replay.rate(*lost);
  }
  if (!found.lr.lower)
    found.reason = "no run trained";
  else if (!found.lr.upper)
    found.reason = "no rate that was tried failed";
}

Tuning answer_of(const Replay& replay, const PolicyState& state, bool partial) {
  Tuning answer;
  answer.partial = partial;
  answer.edge = state.edge;
  answer.edge_examples = state.edge_examples;
  answer.trials = replay.trials();
  answer.budget = {replay.budget().limit(), replay.budget().spent(), replay.terms().run_cost(), replay.edge_cost()};
  answer.warmup_edges = state.warmup_edges;
  answer.warmup_steps = state.warmup_steps;
  answer.warmup_reason = state.warmup_reason;
  bracket_of_all_seeds(replay, state, answer.trainable);
  if (state.best.empty() || (partial && state.losses.empty())) {
    answer.lr_recommended_reason = answer.expected_loss_reason = answer.warmup_reason =
        partial ? "interrupted before it was known" : "no rate trained: nothing can be recommended";
    return answer;
  }
  fit_valley(replay, state, answer);
  answer.lr_recommended = replay.rate(state.best.front());
  const auto last = state.finals.find(state.best.front());
  if (last == state.finals.end()) {
    answer.expected_loss_reason = "the budget did not pay for a run to the horizon";
  } else {
    answer.expected_loss = last->second.loss;
    answer.expected_loss_warmup_steps = last->second.warmup_steps;
    find_spread(replay, answer);
  }
  if (!answer.warmup_steps && answer.warmup_reason.empty()) answer.warmup_reason = "not reached";
  return answer;
}

}  // namespace

// The whole way is gone again forevery decision: it is short, and what was concluded on it need not be kept anywhere.
std::variant<TuningRequest, Tuning> decide(const TuningTerms& terms, const Ledger& ledger) {
  check_budget(terms);
  Replay replay(terms, ledger);
  PolicyState state;
  try {
    follow(replay, state);
  } catch (const Missing& missing) {
    return missing.request;
  }
  return answer_of(replay, state, /*partial=*/false);
}

Tuning decide_now(const TuningTerms& terms, const Ledger& ledger) {
  Replay replay(terms, ledger);
  PolicyState state;
  bool partial = false;
  try {
    follow(replay, state);
  } catch (const Missing&) {
    partial = true;
  }
  return answer_of(replay, state, partial);
}

}  // namespace etamax
