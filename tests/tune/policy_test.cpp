// The policy on made-up landscapes, without a run: it asks, it pays, it answers, and it can be replayed.
#include "etamax/tune/policy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>

#include "etamax/core/error.h"
#include "etamax/tune/replay.h"

namespace etamax {
namespace {

TEST(Budget, NothingIsSpentThatIsNotThere) {
  Budget budget(10);
  EXPECT_TRUE(budget.affords(10));
  budget.spend(7);
  EXPECT_FALSE(budget.affords(4));
  EXPECT_THROW(budget.spend(4), std::logic_error);
  EXPECT_EQ(budget.spent(), 7);
}

TuningTerms terms_of(long horizon, double budget) {
  TuningTerms terms;
  terms.horizon = horizon;
  terms.training_examples = 800;
  terms.validation_examples = 200;
  terms.batch_size = 50;
  terms.seeds = 3;
  terms.budget = budget;
  terms.has_edge = true;
  return terms;
}

/// Losses that fall as a power of rate times steps down to a valley whose best rate is `best`; lost from `limit` on.
struct Landscape {
  double best = 0.1, limit = 1, edge = 0.4;
  double floor_loss = 0.2;

  double loss(double lr, long steps) const {
    const double off = std::log2(lr / best);
    return floor_loss * (1 + 0.03 * off * off) + 2 / (1 + 3 * lr / best * static_cast<double>(steps) / 20);
  }
  RunRecord run(const TrialRequest& request, const TuningTerms& terms, long made) const {
    RunRecord record;
    record.lr = request.lr;
    record.seed = request.seed;
    record.warmup_steps = request.warmup_steps;
    record.steps = request.steps;
    record.units = terms.steps_cost(request.steps - made) + terms.judging_cost(request.steps) / 2;
    if (request.lr >= limit) {
      record.verdict = Verdict::diverges;
      record.steps = std::min<long>(request.steps, 3);
      return record;
    }
    record.verdict = Verdict::trains;
    record.loss = record.training_loss = loss(request.lr, request.steps);
    return record;
  }
};

struct Played {
  Tuning answer;
  Ledger ledger;
  std::vector<TuningRequest> requests;
};

Played play(const Landscape& landscape, const TuningTerms& terms) {
  Played played;
  while (true) {
    auto next = decide(terms, played.ledger);
    if (auto* answer = std::get_if<Tuning>(&next)) {
      played.answer = std::move(*answer);
      return played;
    }
    const TuningRequest request = std::get<TuningRequest>(next);
    played.requests.push_back(request);
    if (std::holds_alternative<EdgeRequest>(request)) {
      played.ledger.add(request,
                        StartFinding{{{landscape.edge * 0.9, landscape.edge * 1.1}, "2 / lambda_max", ""}, {}});
    } else if (const auto* trial = std::get_if<TrialRequest>(&request)) {
      EXPECT_EQ(played.ledger.find(*trial), nullptr) << "asked twice";
      played.ledger.add(request, landscape.run(*trial, terms, played.ledger.made_before(*trial)));
    } else {
      played.ledger.add(request, std::vector<EdgeAtStep>{{8, 1, {landscape.edge, landscape.edge}}});
    }
    EXPECT_LT(played.requests.size(), 200u);
    if (played.requests.size() >= 200) return played;
  }
}

TEST(Policy, EndsNearTheBestRateOfMadeUpLandscapesWithinItsBudget) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> octaves(-6, 6), above(1.5, 5);
  for (int i = 0; i < 300; ++i) {
    Landscape landscape;
    landscape.best = 0.1 * std::exp2(octaves(random));
    landscape.limit = landscape.best * std::exp2(above(random));
    landscape.edge = landscape.best * std::exp2(octaves(random) / 2);
    const TuningTerms terms = terms_of(200, 3);
    const Played played = play(landscape, terms);
    const Tuning& t = played.answer;
    ASSERT_TRUE(t.lr_recommended.has_value()) << i << ": " << t.lr_recommended_reason;
    EXPECT_LT(*t.lr_recommended, landscape.limit) << i;
    EXPECT_LE(t.budget.spent, t.budget.limit);
    EXPECT_GT(t.trainable.lr.lower.value_or(0), 0);
    EXPECT_LE(t.trainable.lr.lower.value_or(0), landscape.limit);
    EXPECT_GE(t.trainable.lr.upper.value_or(INFINITY), landscape.limit);
    EXPECT_LT(landscape.loss(*t.lr_recommended, 200), 1.5 * landscape.loss(landscape.best, 200)) << i;
    std::int64_t units = t.budget.edge;
    for (const RunRecord& trial : t.trials) units += trial.units;
    EXPECT_EQ(units, t.budget.spent);
  }
}

TEST(Policy, DecidesTheSameFromTheSameLedger) {
  const Landscape landscape;
  const TuningTerms terms = terms_of(100, 3);
  const Played first = play(landscape, terms), second = play(landscape, terms);
  EXPECT_EQ(to_json(first.answer), to_json(second.answer));
  // All at once from the finished ledger.
  const auto again = decide(terms, first.ledger);
  ASSERT_TRUE(std::holds_alternative<Tuning>(again));
  EXPECT_EQ(to_json(std::get<Tuning>(again)), to_json(first.answer));
  EXPECT_FALSE(decide_now(terms, first.ledger).partial);
}

TEST(Policy, CanBeAskedForItsAnswerAtAnyTime) {
  const Landscape landscape;
  const TuningTerms terms = terms_of(100, 3);
  const Played whole = play(landscape, terms);
  Ledger ledger;
  for (const TuningRequest& request : whole.requests) {
    const Tuning now = decide_now(terms, ledger);
    EXPECT_TRUE(now.partial);
    EXPECT_TRUE(now.lr_recommended || !now.lr_recommended_reason.empty());
    if (now.lr_recommended) {
      EXPECT_LT(*now.lr_recommended, landscape.limit);
    }
    if (const auto* trial = std::get_if<TrialRequest>(&request))
      ledger.add(request, *whole.ledger.find(*trial));
    else if (std::holds_alternative<EdgeRequest>(request))
      ledger.start = whole.ledger.start;
    else
      ledger.warmup_edges = whole.ledger.warmup_edges;
  }
  EXPECT_FALSE(decide_now(terms, ledger).partial);
}

TEST(Policy, IsReplayedInMicroseconds) {
  const TuningTerms terms = terms_of(200, 4);
  const Played played = play({}, terms);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kTimes = 200;
  for (int i = 0; i < kTimes; ++i) decide(terms, played.ledger);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / kTimes;
  EXPECT_LT(seconds, 2e-3) << "a replay of " << played.answer.trials.size() << " trials";
}

TEST(Policy, RefusesABudgetThatIsTooSmallAndAResultThatCostsTooMuch) {
  try {
    decide(terms_of(100, 0.3), {});
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.field(), "budget");
    EXPECT_NE(e.constraint().find("is the smallest that may do"), std::string::npos);
  }
  const TuningTerms terms = terms_of(100, 3);
  Played played = play({}, terms);
  played.ledger.trials.begin()->second.units = 1'000'000'000'000;
  EXPECT_THROW(decide(terms, played.ledger), InputError);
}

TEST(Policy, WithoutAnEdgeOrARateThatTrainsSaysSo) {
  TuningTerms terms = terms_of(100, 3);
  terms.has_edge = false;
  const Played no_edge = play({}, terms);
  for (const TuningRequest& request : no_edge.requests) EXPECT_TRUE(std::holds_alternative<TrialRequest>(request));
  EXPECT_TRUE(no_edge.answer.lr_recommended.has_value());
  Landscape hopeless;
  hopeless.limit = 1e-30;
  const Played nothing = play(hopeless, terms_of(100, 3));
  EXPECT_FALSE(nothing.answer.lr_recommended.has_value());
  EXPECT_EQ(nothing.answer.trainable.reason, "no run trained");
}

}  // namespace
}  // namespace etamax
