#include "etamax/tune/policy.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/tune/beliefs.h"
#include "etamax/tune/spending.h"
#include "etamax/tune/warmup.h"

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

/// What is to be done next, and the answer as it is until then.
struct Decision {
  std::optional<TuningRequest> request;
  Tuning answer;
};

void fill_start(const TuningTerms& terms, const Ledger& ledger, Tuning& answer) {
  if (ledger.start) {
    answer.edge = ledger.start->edge;
    answer.edge_examples = edge_examples(terms);
  } else if (terms.has_edge && edge_examples(terms) == 0) {
    answer.edge.reason = "the budget does not pay for the curvature of enough examples";
  }
}

Decision decision(const TuningTerms& terms, const Ledger& ledger, const Prior& prior) {
  check_budget(terms);
  const Spending spent = spending(terms, ledger);
  const std::int64_t left = terms.limit() - spent.all();
  Decision next;
  Tuning& answer = next.answer;
  fill_start(terms, ledger, answer);
  for (const auto& [key, run] : ledger.trials) answer.trials.push_back(run);
  answer.budget = {terms.limit(), spent.all(), terms.run_cost(), spent.edge};

  // 1. The edge at the start.
  if (!ledger.start && edge_examples(terms) > 0) next.request = EdgeRequest{edge_examples(terms)};

  // 2. Runs, until none that can be paid would change the answer.
  const Beliefs beliefs(terms, ledger, prior);
  if (!next.request)
    if (const auto trial = next_trial(terms, beliefs, left - kept_for_warmup(terms, ledger, beliefs.rate())))
      next.request = *trial;
  report(terms, beliefs, ledger, answer);
  if (!answer.lr_recommended) {
    answer.lr_recommended_reason = answer.expected_loss_reason = answer.warmup_reason =
        next.request ? "interrupted before it was known"
                     : "no rate trained: none of those tried ends better than a constant";
    return next;
  }

  // 3. Warmup at the rate that was found.
  answer.warmup_reason = "not reached";
  if (next.request) return next;
  const WarmupFinding warmup =
      find_warmup(terms, ledger, *answer.lr_recommended, beliefs.expected_loss(kWarmupShare), left);
  next.request = warmup.request;
  answer.warmup_edges = warmup.edges;
  if (next.request) return next;
  answer.warmup_steps = warmup.steps;
  answer.warmup_reason = warmup.reason;
  return next;
}

}  // namespace

std::variant<TuningRequest, Tuning> decide(const TuningTerms& terms, const Ledger& ledger, const Prior& prior) {
  Decision next = decision(terms, ledger, prior);
  if (next.request) return *next.request;
  return std::move(next.answer);
}

Tuning decide_now(const TuningTerms& terms, const Ledger& ledger, const Prior& prior) {
  Decision next = decision(terms, ledger, prior);
  next.answer.partial = next.request.has_value();
  return std::move(next.answer);
}

}  // namespace etamax
