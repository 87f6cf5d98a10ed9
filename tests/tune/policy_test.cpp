// The policy on made-up landscapes, without a run: it asks, it pays, it answers, and it can be replayed.
#include "etamax/tune/policy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>
#include <sstream>

#include "etamax/core/error.h"

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
  terms.optimizer = "sgd";
  terms.start_loss = terms.constant_loss = 2.2;
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

std::string trials_of(const Tuning& t) {
  std::ostringstream text;
  for (const RunRecord& run : t.trials)
    text << "\n  " << std::log2(run.lr) << " start " << run.seed << ", " << run.steps
         << " steps: " << run.loss.value_or(NAN);
  return text.str();
}

double share_lost(const Landscape& landscape, double lr, const TuningTerms& terms) {
  double best = INFINITY;
  for (double at = landscape.best / 64; at < landscape.limit; at *= 1.1)
    best = std::min(best, landscape.loss(at, terms.horizon));
  return (landscape.loss(lr, terms.horizon) - best) / (*terms.constant_loss - best);
}

TEST(Policy, EndsNearTheBestRateOfMadeUpLandscapesWithinItsBudget) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> octaves(-6, 6), above(1.5, 5);
  double sum = 0;
  int half_above = 0;
  constexpr int kLandscapes = 200;
  for (int i = 0; i < kLandscapes; ++i) {
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
    EXPECT_LT(t.trainable.lr.lower.value_or(0), landscape.limit);
    EXPECT_GE(t.trainable.lr.upper.value_or(INFINITY), landscape.limit);
    const double lost = share_lost(landscape, *t.lr_recommended, terms);
    EXPECT_LT(lost, 0.15) << i << ": " << *t.lr_recommended << ", best " << landscape.best << ", limit "
                          << landscape.limit << trials_of(t);
    sum += lost;
    half_above += landscape.loss(*t.lr_recommended, 200) > 1.5 * landscape.loss(landscape.best, 200);
    std::int64_t units = t.budget.edge;
    for (const RunRecord& trial : t.trials) units += trial.units;
    EXPECT_EQ(units, t.budget.spent);
  }
  EXPECT_LT(sum / kLandscapes, 0.02);
  EXPECT_LE(half_above, kLandscapes / 40);
}

TEST(Policy, FollowsALandscapeThatIsShiftedInTheRate) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> octaves(-5, 5);
  const TuningTerms terms = terms_of(400, 4);
  for (int i = 0; i < 40; ++i) {
    const double factor = std::exp2(octaves(random));
    Landscape shifted;
    shifted.best *= factor, shifted.limit *= factor, shifted.edge *= factor;
    const Tuning t = play(shifted, terms).answer;
    ASSERT_TRUE(t.lr_recommended);
    // The valley is flat to 5% over two octaves.
    EXPECT_NEAR(std::log2(*t.lr_recommended / shifted.best), 0, 2) << factor;
    EXPECT_LT(share_lost(shifted, *t.lr_recommended, terms), 0.05) << factor;
  }
}

TEST(Policy, DoesNoWorseWithMoreToSpend) {
  double before = INFINITY;
  for (const double budget : {1.5, 3.0, 8.0}) {
    double sum = 0;
    int landscapes = 0;
    for (double octave = -5; octave <= 5; octave += 0.5, ++landscapes) {
      Landscape landscape;
      landscape.best *= std::exp2(octave);
      landscape.limit *= std::exp2(octave);
      const TuningTerms terms = terms_of(200, budget);
      const Tuning t = play(landscape, terms).answer;
      sum += t.lr_recommended ? share_lost(landscape, *t.lr_recommended, terms) : 1;
    }
    EXPECT_LE(sum / landscapes, before + 0.01) << budget;
    before = sum / landscapes;
  }
  EXPECT_LT(before, 0.01);
}

TEST(Policy, GoesBackToARateThatWasBetterAndBelowWhatFailed) {
  // Rates near the limit look best after short runs and are lost before the end.
  const TuningTerms terms = terms_of(320, 4);
  Ledger ledger;
  const double late = 0.3;
  while (true) {
    const auto next = decide(terms, ledger);
    if (std::holds_alternative<Tuning>(next)) break;
    const TuningRequest request = std::get<TuningRequest>(next);
    if (std::holds_alternative<EdgeRequest>(request)) {
      ledger.add(request, StartFinding{{{0.4, 0.5}, "2 / lambda_max", ""}, {}});
    } else if (const auto* trial = std::get_if<TrialRequest>(&request)) {
      Landscape landscape;
      landscape.best = 0.6;
      landscape.limit = trial->steps > 160 ? late : 2;
      ledger.add(request, landscape.run(*trial, terms, ledger.made_before(*trial)));
    } else {
      ledger.add(request, std::vector<EdgeAtStep>{});
    }
  }
  const Tuning t = decide_now(terms, ledger);
  ASSERT_TRUE(t.lr_recommended);
  ASSERT_TRUE(t.trainable.lr.upper);
  EXPECT_LT(*t.lr_recommended, *t.trainable.lr.upper);
  EXPECT_LT(*t.lr_recommended, late);
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
    if (now.lr_recommended && now.trainable.lr.upper) {
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

TEST(Policy, DecidesInMilliseconds) {
  const TuningTerms terms = terms_of(200, 4);
  const Played played = play({}, terms);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kTimes = 20;
  for (int i = 0; i < kTimes; ++i) decide(terms, played.ledger);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / kTimes;
  EXPECT_LT(seconds, 0.1) << "a decision after " << played.answer.trials.size() << " trials";
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
  played.ledger.trials.front().second.units = 1'000'000'000'000;
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

TEST(Policy, KnowsNoOptimizerAndNoConstantAndStillFindsARate) {
  for (const double scale : {1e-6, 1.0, 1e6})
    for (const double octave : {-6.0, 0.0, 6.0}) {
      TuningTerms terms = terms_of(200, 6);
      terms.has_edge = false;
      terms.optimizer = "mine";
      terms.start_loss.reset();
      terms.constant_loss.reset();
      Landscape landscape;
      landscape.best *= std::exp2(octave), landscape.limit *= std::exp2(octave);
      Ledger ledger;
      while (true) {
        const auto next = decide(terms, ledger);
        const auto* request = std::get_if<TuningRequest>(&next);
        if (!request) break;
        const TrialRequest trial = std::get<TrialRequest>(*request);
        RunRecord run = landscape.run(trial, terms, ledger.made_before(trial));
        if (run.loss) *run.loss *= scale;
        ledger.add(*request, run);
      }
      const Tuning t = decide_now(terms, ledger);
      ASSERT_TRUE(t.lr_recommended) << scale << " " << octave;
      terms.constant_loss = 2.2;
      EXPECT_LT(share_lost(landscape, *t.lr_recommended, terms), 0.1)
          << scale << " " << octave << " " << *t.lr_recommended;
    }
}

}  // namespace
}  // namespace etamax
