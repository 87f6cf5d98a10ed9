// Limits, exponents and verdicts for which there is a formula.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/dynamics/observed.h"
#include "etamax/dynamics/trajectory.h"
#include "scene.h"

namespace etamax {
namespace {

TEST(ClosedForms, LargestRateOfAQuarticFallsWithTheSquareOfTheStart) {
  for (const double start : {0.01, 1.0, 30.0}) {  // |1 - 4 lr x^2| < 1
    const Stability s = Scene("x^4", {start}).stability();
    ASSERT_TRUE(s.lr_max_from_start) << s.lr_max_from_start_reason;
    EXPECT_NEAR(*s.lr_max_from_start * 2 * start * start, 1, 1e-5) << start;
  }
}

TEST(ClosedForms, FarStartsNeedSmallerRatesThanTheEdge) {
  const Stability s = Scene("x^2 + x^4", {10}).stability();  // |1 - lr (2 + 4 x^2)| < 1 at the start
  EXPECT_NEAR(*s.lr_edge, 1, 1e-9);
  EXPECT_NEAR(*s.lr_max_from_start, 2.0 / 402, 1e-7);
}

TEST(ClosedForms, TheCubicMapIsAChebyshevPolynomial) {
  // double_well at rate 2: x' = 3x - 2x^3, which is -T_3 after x = sqrt(2) y: its Lyapunov exponent is log 3.
  Scene s("double_well", {0.5});
  const auto run = s.run(2);
  EXPECT_EQ(run.verdict, Verdict::chaotic);
  EXPECT_NEAR(*run.lyapunov, std::log(3), 0.02);
}

TEST(ClosedForms, TheLogisticMapAtFour) {
  // x^3 - 3x at rate 1/2: x' = x - 3(x^2 - 1)/2, conjugate to y' = 4 y (1 - y): exponent log 2.
  Scene s("x^3 - 3x", {0});
  const auto run = s.run(0.5);
  EXPECT_EQ(run.verdict, Verdict::chaotic);
  EXPECT_NEAR(*run.lyapunov, std::log(2), 0.02);
}

TEST(ClosedForms, PeriodDoublingOfTheDoubleWell) {
  // x' = (1 + lr) x - lr x^3: the minimum loses stability at 1, and the period of 2 around it at (sqrt(5) - 1) = 1.236.
  Scene s("double_well", {0.5});
  EXPECT_NEAR(*s.stability().lr_edge, 1, 1e-9);
  EXPECT_EQ(s.run(1.01).period, 2);
  EXPECT_EQ(s.run(1.22).period, 2);
  EXPECT_EQ(s.run(1.25).period, 4);
}

TEST(ClosedForms, JustAboveTheEdgeOfAWellTheRunCyclesHoweverSlowlyItLeaves) {
  // From 1e-9 beside the minimum, growth of 1 + 2e-5 a step would need a million steps to show.
  Scene s("double_well", {1 + 1e-9});
  const auto run = s.run(1.00001);
  EXPECT_EQ(run.verdict, Verdict::cycles) << run.reason;
  EXPECT_TRUE(run.skipped_ahead);
  // The same on a parabola is the whole story.
  EXPECT_EQ(Scene("x^2", {1e-9}).run(1.00001).verdict, Verdict::diverges);
}

TEST(ClosedForms, WeightDecayMovesTheMinimumAndTheEdge) {
  // (x - 3)^2 + d x^2 / 2: the minimum at 6 / (2 + d), the curvature 2 + d.
  Scene s("(x - 3)^2", {1}, "sgd", {{"weight_decay", 0.5}});
  const Stability stability = s.stability();
  EXPECT_NEAR((*stability.minimizer)[0], 6 / 2.5, 1e-9);
  EXPECT_NEAR(*stability.lr_edge, 2 / 2.5, 1e-9);
  EXPECT_EQ(s.run(0.79).verdict, Verdict::converges);
  EXPECT_EQ(s.run(0.81).verdict, Verdict::diverges);
  // Enough of it turns a maximum into a minimum.
  EXPECT_EQ(Scene("-x^2", {1}, "sgd", {{"weight_decay", 3}}).run(0.1).verdict, Verdict::converges);
}

TEST(ClosedForms, DecoupledDecayMovesAPointWithoutAGradient) {
  EXPECT_EQ(Scene("(x - 1)^2", {1}, "adam").run(0.1).verdict, Verdict::stationary);
  EXPECT_NE(Scene("(x - 1)^2", {1}, "adamw", {{"weight_decay", 0.1}}).run(0.1).verdict, Verdict::stationary);
}

TEST(ClosedForms, DomainsPolesAndEdges) {
  const auto pole = Scene("log(x)", {1}).run(0.1);
  EXPECT_EQ(pole.verdict, Verdict::undefined);
  EXPECT_EQ(pole.cause, Cause::unbounded_below) << pole.reason;
  const auto thrown = Scene("x - log(x)", {1.5}).run(5);  // 1.5 - 5 (1 - 1/1.5) < 0
  EXPECT_EQ(thrown.verdict, Verdict::undefined);
  EXPECT_EQ(thrown.bad_step, 1);
  EXPECT_EQ(thrown.cause, Cause::learning_rate);
  const auto edge = Scene("sqrt(x)", {1}).run(0.1);
  EXPECT_EQ(edge.verdict, Verdict::undefined);
  EXPECT_FALSE(edge.cause) << edge.reason;
  EXPECT_EQ(Scene("log(x)", {-1}).run(0.1).bad_step, 0);
}

TEST(ClosedForms, FlatPlacesAndThrownRuns) {
  EXPECT_EQ(Scene("0*x + 2", {1}).run(0.1).kind, PointKind::flat);
  const auto bottom = Scene("relu(x)", {1}).run(0.3);
  EXPECT_EQ(bottom.verdict, Verdict::converges) << bottom.reason;
  const auto thrown = Scene("tanh(x)^2", {3}).run(10000);
  EXPECT_EQ(thrown.kind, PointKind::flat) << thrown.reason;
  const auto valley = Scene("x^2*exp(-x)", {0.5}).run(3);  // over the hill at 2, then downhill for ever
  EXPECT_EQ(valley.verdict, Verdict::drifts) << valley.reason;
  EXPECT_EQ(valley.cause, Cause::learning_rate);
}

TEST(ClosedForms, SignMethodsAndCornersHaveNoLimitToFind) {
  for (const double lr : {0.1, 0.3, 0.37})
    EXPECT_EQ(Scene("x^2", {1}, "signsgd").run(lr).verdict, Verdict::cycles) << lr;
  EXPECT_FALSE(Scene("x^2", {1}, "signsgd").stability().lr_edge);
  const Stability corner = Scene("abs(x)", {1}).stability();
  EXPECT_FALSE(corner.lr_edge);
  EXPECT_FALSE(corner.lr_max_from_start) << *corner.lr_max_from_start;
}

TEST(ClosedForms, TheUnitsOfTheLossScaleTheEdgeAlone) {
  for (const double c : {1e-8, 1e5}) {
    Scene plain("double_well", {0.5}), scaled(std::to_string(c * 1e9) + "*1e-9*(x^2 - 1)^2/4", {0.5});
    for (const double lr : {0.1, 0.9, 1.1, 1.4, 5.0})
      EXPECT_EQ(to_string(plain.run(lr).verdict), to_string(scaled.run(lr / c).verdict)) << c << " " << lr;
    EXPECT_NEAR(*scaled.stability().lr_edge * c, 1, 1e-6);
  }
}

TEST(Observed, FindsTheSlipOfTheArticle) {
  Scene s("x^2", {-1});
  const Observed observed = identify_learning_rate(s.experiment, {{-1}, {1.2}, {-1.44}, {1.728}}, 1.2, s.cost);
  ASSERT_TRUE(observed.lr);
  EXPECT_DOUBLE_EQ(*observed.lr, 1.1);
  EXPECT_NE(observed.sentence.find("are those of learning rate 1.1"), std::string::npos) << observed.sentence;
  EXPECT_NE(observed.sentence.find("-1, 1.4, -1.96, 2.744"), std::string::npos) << observed.sentence;
}

TEST(Observed, TellsTheRateOverTheWholeRangeOfNumbers) {
  for (const double c : {1e-320, 1e-300, 1e-200, 1e-30, 1.0, 1e30, 1e200, 1e308, 1.7e308})
    for (const double lr : {0.25, 0.5, 0.75, 1.25, 1.75, 2.0}) {  // x' = (1 - lr) x
      const double factor = 1 - lr;
      Scene line("x^2/2", {c});
      const Observed one =
          identify_learning_rate(line.experiment, {{c}, {c * factor}, {c * factor * factor}}, {}, line.cost);
      ASSERT_TRUE(one.lr) << c << " at " << lr << ": " << one.sentence;
      EXPECT_NEAR(*one.lr, lr, 5e-3 * lr) << c;
      Scene plane("x^2/2 + y^2/2", {c, -c / 2});
      const Observed two =
          identify_learning_rate(plane.experiment, {{c, -c / 2}, {c * factor, -c / 2 * factor}}, {}, plane.cost);
      ASSERT_TRUE(two.lr) << c << " at " << lr << ": " << two.sentence;
      EXPECT_NEAR(*two.lr, lr, 5e-3 * lr) << c;
    }
  Scene far("x^2", {1});
  const Observed beyond = identify_learning_rate(far.experiment, {{1}, {1e308}, {-1e308}}, {}, far.cost);
  EXPECT_FALSE(beyond.lr);
  EXPECT_EQ(beyond.sentence,
            "The numbers 1, 1e308, -1e308 say nothing about a learning rate: step 2 is beyond the machine's "
            "numbers, which end at 1.8e308.");
}

TEST(Observed, SeesThroughMomentumAndSaysWhenNothingFits) {
  Scene s("x^2 + 3*y^2", {1, 2}, "sgd", {{"momentum", 0.9}});
  Stepper stepper(s.function, s.spec, s.experiment.values, 0.03, s.experiment.start);
  std::vector<std::vector<double>> points{s.experiment.start};
  for (int k = 0; k < 6; ++k) {
    stepper.advance(s.cost);
    points.push_back(stepper.x);
  }
  EXPECT_NEAR(*identify_learning_rate(s.experiment, points, {}, s.cost).lr, 0.03, 1e-7);
  points[3][1] += 0.2;
  const Observed broken = identify_learning_rate(s.experiment, points, {}, s.cost);
  EXPECT_FALSE(broken.consistent);
  EXPECT_FALSE(broken.lr);
}

TEST(Interruption, LeavesNothingHalfSaid) {
  Scene s("double_well", {0.5});
  FollowOptions options;
  options.progress = [](double) { return false; };
  EXPECT_THROW(s.run(1.4, options), Interrupted);
}

}  // namespace
}  // namespace etamax
