// Trainings of quadratics, whose sharpness is known at every step.
#include "etamax/follow/follow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../refusal.h"
#include "etamax/follow/plan.h"
#include "etamax/problem/dense.h"

namespace etamax {
namespace {

/// The sum of a_i x_i^2 / 2 + b x_i^4 / 4, from 1.
class Bowl final : public DenseObjective {
 public:
  Bowl(Eigen::VectorXd a, double b) : DenseObjective(Eigen::VectorXd::Ones(a.size())), a_(std::move(a)), b_(b) {}
  double value(const Eigen::VectorXd& x) override {
    return 0.5 * x.dot(a_.cwiseProduct(x)) + b_ / 4 * x.array().pow(4).sum();
  }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override {
    return a_.cwiseProduct(x) + b_ * x.array().cube().matrix();
  }
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override {
    return a_.cwiseProduct(v) + 3 * b_ * x.array().square().matrix().cwiseProduct(v);
  }

 private:
  Eigen::VectorXd a_;
  double b_;
};

/// A bowl whose curvatures, 0.1 to 4, are along other coordinates at each place: no look's vector is good for the next.
class Restless final : public DenseObjective {
 public:
  Restless() : DenseObjective(Eigen::VectorXd::Ones(200)) {}
  double value(const Eigen::VectorXd& x) override { return 0.05 * x.squaredNorm(); }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return 0.1 * x; }
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override {
    const auto moved = static_cast<Eigen::Index>(std::fmod(std::abs(x[0]) * 1e7, 200));
    Eigen::VectorXd out(200);
    for (Eigen::Index i = 0; i < 200; ++i) out[i] = (0.1 + 3.9 * static_cast<double>((i + moved) % 200) / 199) * v[i];
    return out;
  }
};

Following followed(const FollowingOptions& options, const std::string& optimizer = "gd", const Settings& settings = {},
                   double b = 0) {
  Bowl f(Eigen::VectorXd::LinSpaced(30, 0.1, 4), b);
  DenseProblem problem(f, make_optimizer(optimizer, settings));
  const Eigen::VectorXd before = entries(f.parameters());
  Following answer = follow_training(problem, options);
  EXPECT_EQ(entries(f.parameters()), before) << "a guest leaves no trace";
  return answer;
}

TEST(Follow, AQuadraticsSharpnessStaysAndItsEdgeIsTheClosedForm) {
  struct Case {
    std::string optimizer;
    Settings settings;
    double times;  ///< the edge, over 1 / lambda
  };
  for (const Case& c : {Case{"gd", {}, 2}, Case{"sgd", {{"momentum", 0.5}}, 3}}) {
    const Following f = followed({.lr = {0.2}, .steps = 2000}, c.optimizer, c.settings);
    const SharpnessRun& run = f.runs.front();
    ASSERT_GT(run.looks.size(), 4u);
    for (const SharpnessLook& look : run.looks) {
      EXPECT_NEAR(look.sharpness, 4, 0.08) << look.step;
      EXPECT_NEAR(*look.edge, c.times / look.sharpness, 1e-9);
      EXPECT_NEAR(*look.critical, c.times / 0.2, 1e-9) << "2 / lr, or (2 + 2 momentum) / lr";
    }
    EXPECT_EQ(run.looks.front().step, 0);
    EXPECT_EQ(run.looks.back().step, 2000);
    EXPECT_TRUE(run.looks.front().bounds.upper && run.looks.back().bounds.upper);
    EXPECT_LE(*run.looks.front().bounds.lower, 4 + 1e-9);
    EXPECT_GE(*run.looks.front().bounds.upper, 4 - 1e-9);
    EXPECT_FALSE(run.first_beyond);
    EXPECT_TRUE(run.crossings.empty());
  }
}

TEST(Follow, LooksCostNoMoreThanTheBudget) {
  for (const double budget : {0.15, 0.4, 2.0})
    for (const long steps : {600L, 2000L}) {
      const Following f = followed({.lr = {0.2, 0.4}, .steps = steps, .budget = budget});
      for (const SharpnessRun& run : f.runs) {
        EXPECT_LE(run.looking_gradients, budget * run.training_gradients) << budget << " " << steps;
        EXPECT_GT(run.looking_gradients, 0.3 * budget * run.training_gradients) << budget << " " << steps;
      }
    }
}

TEST(Follow, TheBudgetHoldsWhereLooksCostMoreThanPlanned) {
  int with_some_left_out = 0;
  for (const double budget : {0.15, 0.3, 1.0})
    for (const long steps : {500L, 700L, 1500L, 2500L})
      for (const long certify : {0L, 2L, 5L}) {
        SCOPED_TRACE(::testing::Message() << budget << " of " << steps << ", " << certify << " certified");
        Restless f;
        DenseProblem problem(f, make_optimizer("gd", {}));
        const FollowingOptions options{.lr = {0.01}, .steps = steps, .budget = budget, .certify = certify};
        const Following answer = follow_training(problem, options);
        const SharpnessRun& run = answer.runs.front();
        const LookPlan plan = plan_looks(f, options, 0);
        EXPECT_LE(run.looking_gradients, budget * run.training_gradients);
        EXPECT_EQ(run.left_out + static_cast<long>(run.looks.size()), static_cast<long>(plan.steps.size()));
        for (const SharpnessLook& look : run.looks)
          EXPECT_TRUE(look.bounds.upper || look.sharpness > 3 * look.residual) << look.step;
        if (plan.certified.size() > 1) {
          EXPECT_TRUE(run.looks.back().bounds.upper) << "what was reserved for the last look is there";
        }
        const bool told = answer.answer.back().find("left out, for others cost more than planned") != std::string::npos;
        EXPECT_EQ(told, run.left_out > 0);
        with_some_left_out += told;
      }
  EXPECT_GT(with_some_left_out, 20);
}

TEST(Follow, ABudgetThatPaysForNoLookIsRefusedWithOneThatDoes) {
  testing::expect_refused("budget",
                          "pays for no look but the first; `budget=", [] { followed({.lr = {0.2}, .steps = 20}); });
  testing::expect_refused("lr", "which rate", [] { followed({.steps = 20}); });
  testing::expect_refused("warmup", "more than the 400 steps",
                          [] { followed({.lr = {0.1}, .steps = 400, .warmup = 500}); });
}

TEST(Follow, ARateThatFallsThroughTheEdgeIsSeenToCrossIt) {
  // Where x is near 0 the sharpness is 4, its edge 0.5: a rate that rises to 0.45 over 1000 steps and falls to 0 stays
  // below; the quartic's sharpness at the start is 4 + 3 b, its edge 2 / 10.
  const Following f = followed({.lr = {0.24}, .steps = 1000, .budget = 0.5}, "gd", {}, 2);
  const SharpnessRun& run = f.runs.front();
  EXPECT_EQ(run.first_beyond, 0);
  ASSERT_EQ(run.crossings.size(), 1u) << "down to the bottom of the bowl, where the edge is higher";
  EXPECT_NEAR(*run.late_of_edge, 0.24 * 4 / 2, 0.02);
  EXPECT_NE(f.answer.front().find("beyond the edge from the first look on"), std::string::npos) << f.answer.front();
}

TEST(Follow, ARunThatBlowsUpEndsWithItsLastLook) {
  const Following f = followed({.lr = {0.6}, .steps = 1000, .budget = 0.5});
  const SharpnessRun& run = f.runs.front();
  ASSERT_TRUE(run.lost);
  EXPECT_LT(run.steps, 1000);
  EXPECT_EQ(run.first_beyond, 0);
  EXPECT_NE(f.answer.front().find("the loss blew up after"), std::string::npos) << f.answer.front();
}

TEST(Follow, TheScheduleIsWhatTheLineFollows) {
  const Following f = followed({.lr = {0.2}, .steps = 1000, .schedule = "linear", .budget = 0.5});
  for (const SharpnessLook& look : f.runs.front().looks)
    if (look.step < 1000) {
      EXPECT_NEAR(look.lr, 0.2 * (1 - static_cast<double>(look.step) / 1000), 1e-3);
    }
}

TEST(Follow, TheLineFollowsTheWarmup) {
  const Following f = followed({.lr = {0.2}, .steps = 1000, .warmup = 400, .budget = 0.5});
  int rising = 0;
  for (const SharpnessLook& look : f.runs.front().looks) {
    const double factor = std::min(1.0, static_cast<double>(look.step + 1) / 400);
    EXPECT_NEAR(look.lr, 0.2 * factor, 1e-12) << look.step;
    EXPECT_NEAR(*look.critical, 2 / look.lr, 1e-9 / look.lr) << look.step;
    rising += look.step < 399;
  }
  EXPECT_GT(rising, 4);
}

TEST(Follow, ARateBeyondTheEdgeOnlyAfterTheWarmupCrossesWhenItGetsThere) {
  // The edge is 0.5: the rate, 0.6 (k + 1) / 800, is there from step 666 on.
  const Following f = followed({.lr = {0.6}, .steps = 1000, .warmup = 800, .budget = 1});
  const SharpnessRun& run = f.runs.front();
  ASSERT_TRUE(run.first_beyond);
  EXPECT_NEAR(static_cast<double>(*run.first_beyond), 666, 40);
  EXPECT_EQ(run.crossings, std::vector<long>{*run.first_beyond});
}

TEST(Follow, GradientsAreClippedAsAsked) {
  // From 1 in each of 30 coordinates, whose curvatures are 0.1 to 4, the gradient's norm is above 0.01 for long: a step
  // is then 0.2 * 0.01 long, and by the last of 40 the way is 0.08 at most. Unclipped it falls to the bottom.
  FollowingOptions options{.lr = {0.2}, .steps = 40, .clip = 0.01, .budget = 2};
  const Following clipped = followed(options);
  options.clip = {};
  const Following free = followed(options);
  const double before = 0.5 * Eigen::VectorXd::LinSpaced(30, 0.1, 4).sum();
  const double steepest = Eigen::VectorXd::LinSpaced(30, 0.1, 4).norm();
  const double after = clipped.runs.front().looks.back().loss;
  EXPECT_LT(after, before);
  EXPECT_GT(after, before - 0.08 * steepest);
  EXPECT_LT(free.runs.front().looks.back().loss, 0.3 * before);
  EXPECT_EQ(clipped.manner.clip, 0.01);
}

TEST(Follow, AdamsSharpnessIsThatOfThePreconditionedHessianAndItsLineIs38OverTheRate) {
  const Following f = followed({.lr = {1e-3}, .steps = 1000, .budget = 0.5}, "adam");
  EXPECT_TRUE(f.preconditioned);
  EXPECT_GE(f.runs.front().looks.front().step, 10) << "before, P says little";
  EXPECT_NEAR(*f.runs.front().looks.back().critical, 38 / 1e-3, 0.02 * 38 / 1e-3);
}

TEST(Follow, AnInterruptedTrainingIsToldAsFarAsItCame) {
  FollowingOptions options{.lr = {0.1, 0.2}, .steps = 1000, .budget = 0.2};
  int asked = 0;
  options.progress = [&](const WorkDone&) { return ++asked < 1300; };
  const Following f = followed(options);
  EXPECT_TRUE(f.partial);
  ASSERT_EQ(f.runs.size(), 2u);
  EXPECT_EQ(f.runs[0].steps, 1000);
  EXPECT_LT(f.runs[1].steps, 1000);
}

TEST(Prices, WhatAnAllowancePaysForCostsNoMoreAndOneMoreWould) {
  for (const std::size_t basis : {0u, 7u, 1000u})
    for (const bool measures : {false, true})
      for (const double later : {2.0, 3.0})
        for (double allowed = 0; allowed < 300; allowed += 1.7) {
          const LookPrices prices{0.25, {3, later}, measures, basis, 0.7, 1.1};
          const long products = prices.tracked_within(allowed), steps = prices.certified_within(allowed);
          EXPECT_LE(products > 0 ? prices.tracked(products) : 0, allowed + 1e-9);
          EXPECT_GT(prices.tracked(products + 1), allowed - 1e-9);
          EXPECT_LE(steps > 0 ? prices.certified(steps) : 0, allowed + 1e-9) << basis << " " << allowed;
          EXPECT_GT(prices.certified(steps + 1), allowed - 1e-9) << basis << " " << allowed;
        }
}

TEST(Plan, LooksAreAtBothEndsAndAscend) {
  Bowl f(Eigen::VectorXd::LinSpaced(30, 0.1, 4), 0);
  const LookPlan plan = plan_looks(f, {.lr = {0.1}, .steps = 1000, .budget = 1, .certify = 3}, 0);
  EXPECT_EQ(plan.steps.front(), 0);
  EXPECT_EQ(plan.steps.back(), 1000);
  EXPECT_TRUE(std::is_sorted(plan.steps.begin(), plan.steps.end()));
  EXPECT_EQ(plan.certified, (std::vector<long>{0, 500, 1000}));
}

}  // namespace
}  // namespace etamax
