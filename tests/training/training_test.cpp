// The loop, the verdict of a run, and the search for the largest trainable rate.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>
#include <random>

#include "../problem/least_squares.h"
#include "etamax/core/progress.h"
#include "etamax/problem/rule_run.h"
#include "etamax/training/search.h"
#include "etamax/training/short_runs.h"

namespace etamax {
namespace {

TEST(Schedule, IsPytorchs) {
  // CosineAnnealingLR(T_max = T), LinearLR(1, 0, T), and LinearLR's warmup from 1/W.
  for (const long step : {0L, 1L, 30L, 99L}) {
    const double t = static_cast<double>(step);
    EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 0}.factor(step)), 1);
    EXPECT_NEAR((Schedule{"cosine", 100, 0}.factor(step)), (1 + std::cos(std::numbers::pi * t / 100)) / 2, 1e-15);
    EXPECT_NEAR((Schedule{"linear", 100, 0}.factor(step)), 1 - t / 100, 1e-15);
  }
  EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 10}.factor(0)), 0.1);
  EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 10}.factor(9)), 1);
}

TEST(LossTrace, KeepsEveryStrideThLoss) {
  LossTrace trace;
  for (long step = 0; step < 10000; ++step) trace.add(step, static_cast<double>(step));
  EXPECT_LE(trace.losses.size(), 2000u);
  EXPECT_GT(trace.losses.size(), 900u);
  for (std::size_t i = 0; i < trace.losses.size(); ++i)
    ASSERT_EQ(trace.losses[i], static_cast<double>(static_cast<long>(i) * trace.stride));
}

TEST(Training, InPartsIsTheSameAsInOne) {
  testing::LeastSquares f(20, 3, 1), g(20, 3, 1);
  DenseProblem a(f, make_optimizer("adam", {})), b(g, make_optimizer("adam", {}));
  const TrainingSettings settings{0.05, {"cosine", 40, 5}, 1e9};
  Training whole(a.run({6, 2}), settings), parts(b.run({6, 2}), settings);
  whole.train_to(40);
  std::vector<long> shown;
  for (const long to : {1L, 17L, 40L}) {
    parts.train_to(to, [&](const Training::Shown& now) { return shown.push_back(now.step), true; });
    EXPECT_EQ(parts.steps(), to);
    g.set_parameters(dense(Eigen::Vector3d(9, 9, 9)));  // somebody else uses the objective
  }
  EXPECT_EQ(shown.size(), 40u);
  EXPECT_EQ(shown.back(), 40);
  EXPECT_EQ(entries(whole.run().parameters()), entries(parts.run().parameters()));
  EXPECT_EQ(whole.trace().losses, parts.trace().losses);
}

TEST(Training, EndsWhereTheLossIsLostOrTheWatcherSaysSo) {
  testing::LeastSquares f(20, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  Training lost(problem.run({}), {10, {"constant", 100}, 1e6});
  lost.train_to(100);
  ASSERT_TRUE(lost.lost().has_value());
  EXPECT_GT(*lost.lost(), 1e6);
  EXPECT_LT(lost.steps(), 100);
  const long steps = lost.steps();
  lost.train_to(100);
  EXPECT_EQ(lost.steps(), steps);
  f.set_parameters(problem.start(0));
  Training watched(problem.run({}), {0.01, {"constant", 100}, 1e6});
  watched.train_to(100, [](const Training::Shown& now) { return now.step < 7; });
  EXPECT_EQ(watched.steps(), 7);
  Training interrupted(problem.run({}), {0.01, {"constant", 100}, 1e6, [](double done) { return done < 0.5; }});
  EXPECT_THROW(interrupted.train_to(100), Interrupted);
}

TEST(Verdict, OfARunBesideTheBest) {
  struct Case {
    double start, end, best;
    Verdict verdict;
  };
  constexpr double kBaseline = 2.3;
  for (const Case& c : {
           Case{2.4, 0.1, 0.05, Verdict::trains},  // most of what the best reaches
           {2.4, 1.5, 0.05, Verdict::unclear},     // less than half of it
           {2.4, 2.3, 0.05, Verdict::collapses},   // where a constant is
           {2.4, 2.3, 2.2, Verdict::collapses},    //
           {0.2, 0.1, 0.1, Verdict::trains},       // has learnt already
           {0.2, 0.25, 0.1, Verdict::unclear},     // and gets worse
           {15.0, 5.0, 5.0, Verdict::trains},      // begins far above the baseline, and nobody is below it yet
           {2.4, 4.0, 0.05, Verdict::unclear},     // high, but not rising
           {2.31, 0.5, 0.1, Verdict::trains},     {2.31, 2.29, 0.1, Verdict::collapses},
           {2.31, 1.8, 0.1, Verdict::unclear},    {2.31, 2.3, 2.3, Verdict::collapses},
           {15, 5, 4, Verdict::trains},           {15, 4, 4, Verdict::trains},
           {15, 12, 4, Verdict::unclear},         {15, 2.31, 2.31, Verdict::collapses},
           {15, 5, 0.5, Verdict::unclear},        {15, 15.1, 4, Verdict::unclear},
           {0.1, 0.09, 0.05, Verdict::trains},    {0.1, 0.2, 0.05, Verdict::unclear},
       }) {
    RunRecord run;
    run.lr = 1;
    run.losses = {c.start, c.end, c.end, c.end, c.end};
    run.loss = c.end;
    judge(run, {c.start, kBaseline, c.best, 0});
    EXPECT_EQ(to_string(run.verdict), to_string(c.verdict))
        << c.start << " to " << c.end << ", best " << c.best << ": " << run.reason;
  }
  RunRecord rising;
  rising.losses = {2.4, 3, 4, 6, 9, 14, 20, 30};
  rising.loss = 30;
  judge(rising, {2.4, kBaseline, 0.05, 0});
  EXPECT_EQ(rising.verdict, Verdict::diverges);
  RunRecord slow;
  slow.lr = 1e-4;
  slow.losses = {2.4, 2.39, 2.38, 2.37, 2.35, 2.2, 2.0, 1.7};
  slow.loss = 1.7;
  judge(slow, {2.4, kBaseline, 0.05, 0.1});  // a higher rate trains
  EXPECT_EQ(slow.verdict, Verdict::trains);
}

TEST(Verdict, OfARunByItselfIsWhetherItsTrainingLossFell) {
  RunRecord run;
  run.loss = 5;
  run.training_loss = 1;
  judge(run, {2, 2.3, {}, 0});
  EXPECT_EQ(run.verdict, Verdict::trains);
  run.training_loss = 2;
  judge(run, {2, 2.3, {}, 0});
  EXPECT_EQ(run.verdict, Verdict::unclear);
  RunRecord lost;  // what the run itself has shown stays
  lost.verdict = Verdict::diverges;
  judge(lost, {2, 2.3, {}, 0});
  EXPECT_EQ(lost.verdict, Verdict::diverges);
}

/// On made-up landscapes, where a rate trains up to a limit.
TEST(RateSearch, FindsTheLimitToHalfAnOctaveFromAnywhere) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> log_rate(-8, 8);
  for (int i = 0; i < 1000; ++i) {
    const double first = std::exp2(log_rate(random)), limit = first * std::exp2(log_rate(random));
    double works = 0, fails = INFINITY;
    int asked = 0;
    RateSearch search;
    search.first = first;
    search.doubling = i % 2 == 0;
    search.trains = [&](double lr) {
      ++asked;
      (lr < limit ? works : fails) = lr < limit ? std::max(works, lr) : std::min(fails, lr);
      return std::optional(lr < limit);
    };
    search.known = [&](double) {
      return RateBracket{works > 0 ? std::optional(works) : std::nullopt,
                         std::isfinite(fails) ? std::optional(fails) : std::nullopt};
    };
    const RateBracket found = find_largest_trainable_rate(search);
    ASSERT_TRUE(found.trains && found.fails) << first << " " << limit;
    EXPECT_LT(*found.trains, limit);
    EXPECT_GE(*found.fails, limit);
    EXPECT_LE(*found.fails / *found.trains, std::sqrt(2.0) * 1.001);
    EXPECT_LE(asked, 15);
  }
}

TEST(RateSearch, EndsWhereNothingTrainsEverythingDoesOrNothingMayBeSpent) {
  RateSearch search;
  search.first = 1;
  int asked = 0;
  double best = 0;
  search.known = [&](double) { return RateBracket{best > 0 ? std::optional(best) : std::nullopt, {}}; };
  search.trains = [&](double) { return ++asked, std::optional(false); };
  EXPECT_FALSE(find_largest_trainable_rate(search).trains.has_value());
  EXPECT_EQ(asked, 15);
  search.trains = [&](double lr) { return best = lr, std::optional(true); };
  const RateBracket all = find_largest_trainable_rate(search);
  EXPECT_EQ(all.trains, std::exp2(14));
  EXPECT_FALSE(all.fails.has_value());
  best = asked = 0;
  search.trains = [&](double) -> std::optional<bool> { return ++asked, std::nullopt; };
  find_largest_trainable_rate(search);
  EXPECT_EQ(asked, 1);
}

TEST(LargestTrainable, OfALeastSquaresProblemIsItsEdge) {
  testing::LeastSquares f(60, 4, 8);
  const double lambda = f.hessian().eigenvalues().real().maxCoeff();
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Eigen::VectorXd before = entries(f.parameters());
  ShortRunSettings settings;
  settings.start_loss = f.loss();
  settings.baseline = f.baseline();
  for (const double around : {0.01, 2 / lambda, 300.0}) {
    std::vector<RunRecord> runs;
    const LargestTrainable found = find_largest_trainable(problem, around, {}, settings, runs);
    ASSERT_TRUE(found.lr.lower && found.lr.upper) << found.reason;
    EXPECT_LE(*found.lr.lower, 2 / lambda);
    EXPECT_GE(*found.lr.upper, 2 / lambda);
    for (std::size_t i = 1; i < runs.size(); ++i) EXPECT_LT(runs[i - 1].lr, runs[i].lr);
  }
  EXPECT_EQ(entries(f.parameters()), before);
}

}  // namespace
}  // namespace etamax
