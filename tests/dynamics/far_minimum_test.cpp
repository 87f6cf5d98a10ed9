// Minima that a flow reaches by a long way over gentle slopes, or over steep ones: what is said of them, by closed
// forms.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scene.h"

namespace etamax {
namespace {

using Outcome = Descent::Outcome;

/// A function of one variable whose only minimum on that side is known.
struct Bowl {
  std::string text;
  double minimum, curvature;
};

/// x^n - c x^m: flat at 0, a minimum at (c m / n)^(1 / (n - m)).
Bowl polynomial(int n, int m, double c) {
  const double x = std::pow(c * m / n, 1.0 / (n - m));
  return {fmt::format("x^{} - {}*x^{}", n, c, m), x,
          n * (n - 1) * std::pow(x, n - 2) - c * m * (m - 1) * std::pow(x, m - 2)};
}

void expect_minimum(const Bowl& bowl, double start) {
  SCOPED_TRACE(fmt::format("{} from {}", bowl.text, start));
  const Scene s(bowl.text, {start});
  ASSERT_EQ(s.experiment.descent.outcome, Outcome::minimum);
  EXPECT_NEAR(s.experiment.descent.point[0], bowl.minimum, 1e-7 * std::abs(bowl.minimum));
  ASSERT_TRUE(s.experiment.theory.applies());
  ASSERT_TRUE(s.experiment.theory.edge());
  EXPECT_NEAR(*s.experiment.theory.edge() * bowl.curvature / 2, 1, 1e-5);
}

TEST(FarMinimum, OfAPolynomialIsFoundFromFarAndNear) {
  for (const int n : {4, 6, 8, 10})
    for (const int m : {1, 2, 3, 5, 7, 9})
      for (const double c : {0.1, 1.0, 10.0}) {
        if (m >= n) continue;
        const Bowl bowl = polynomial(n, m, c);
        for (const double share : {1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.9, 1.5, 10.0, 1e4})
          expect_minimum(bowl, share * bowl.minimum);
      }
}

TEST(FarMinimum, OfOtherFunctionsIsFoundFromFarAndNear) {
  const std::vector<Bowl> bowls = {
      {"log(x)^2", 1, 2},
      {"x*log(x)", std::exp(-1), std::exp(1)},
      {"log(x^2)^2", 1, 8},
      {"(x^3-8)^2", 2, 288},
      {"1/x + x/1000", std::sqrt(1000), 2 / std::pow(1000, 1.5)},
      {"-x^5*exp(-x)", 5, 625 * std::exp(-5)},
      {"x - log(x)", 1, 1},
      {"exp(-100*x) + 1e-5*x", std::log(1e7) / 100, 1e-3},
  };
  for (const Bowl& bowl : bowls)
    for (const double share : {1e-6, 1e-3, 0.1, 0.5, 0.9, 1.3, 2.0}) expect_minimum(bowl, share * bowl.minimum);
  // The first step leaps over no valley, be the slope as flat on both sides of it.
  const Scene valley("exp(-1/x^2) - x/100", {0.1});
  EXPECT_EQ(valley.experiment.descent.outcome, Outcome::minimum);
  EXPECT_NEAR(valley.experiment.descent.point[0], 0.34279117725, 1e-9);
  for (const char* unit : {"1e-305", "1e-300", "1e-200", "1e200", "1e300"})
    EXPECT_EQ(Scene(fmt::format("{}*x^2", unit), {1}).experiment.descent.outcome, Outcome::minimum) << unit;
  expect_minimum(bowls.back(), -7);
  expect_minimum(bowls.back(), 5);
  expect_minimum(bowls.back(), 1e7);
}

void expect_minimum(const std::string& text, std::vector<double> start, std::vector<double> minimum) {
  SCOPED_TRACE(fmt::format("{} from {}", text, fmt::join(start, ", ")));
  const Scene s(text, std::move(start));
  ASSERT_EQ(s.experiment.descent.outcome, Outcome::minimum);
  for (std::size_t i = 0; i < minimum.size(); ++i) EXPECT_NEAR(s.experiment.descent.point[i], minimum[i], 1e-6);
}

TEST(FarMinimum, AtTheEndOfALongBentValleyIsFound) {
  for (const double x : {-1000.0, -300.0, 31.0, 300.0, 1000.0, 5000.0})
    for (const double y : {300.0, 1000.0, 5000.0}) expect_minimum("rosenbrock", {x, y}, {1, 1});
  for (const double start : {20.0, 30.0, 100.0}) expect_minimum("beale", {start, start}, {3, 0.5});
  // Beyond the hill of (0, 1) it is another valley, with no end: the value falls to 0.452 where x is infinite.
  const Scene beyond("beale", {-100, 100});
  EXPECT_NE(beyond.experiment.descent.outcome, Outcome::minimum);
  EXPECT_NE(beyond.experiment.descent.outcome, Outcome::unbounded_below);
}

TEST(FarMinimum, OfAWholeValleyIsNoEndAtInfinity) {
  // x^2 - y^2 stays what it is on the way to the valley x y = 1.
  for (const char* text : {"(x*y-1)^2", "deep_linear"})
    for (const double start : {1e-9, 1e-6, 1e-5, 1e-3}) {
      expect_minimum(text, {start, start}, {1, 1});
      expect_minimum(text, {start, 2 * start}, {1, 1});
    }
  expect_minimum("(x^2+y-11)^2", {1000, 1000}, {0, 11});
  const etamax::FunctionRun run = Scene("(x*y-1)^2", {1e-6, 1e-6}).run(0.1);
  EXPECT_EQ(run.verdict, Verdict::converges) << run.reason;
}

TEST(FarMinimum, IsNoFallWithoutBound) {
  // Sums of squares: nothing falls without bound, nor towards infinity.
  const auto end = [](const char* text, std::vector<double> start) {
    return Scene(text, std::move(start)).experiment.descent;
  };
  // A time that is too long for a curvature below 0 leads beyond all numbers, and a shorter one does not.
  const Descent far = end("0.1*(x^2+y^2+z^2) + 100*(30*log(1+z^2)*cos(y)+1)^2 + 0.1*(0.5*y+30)^2", {0, -3e-6, -5e-6});
  EXPECT_EQ(far.outcome, Outcome::minimum);
  // Falls that are nothing but rounding of 250; the curvature along x is 0.
  const Descent level = end("10*(0.01*log(1+x^2) - 5)^2 + x^2 + y^2", {-2.5e-6, 5e-6});
  EXPECT_NE(level.outcome, Outcome::unbounded_below);
  EXPECT_NE(level.outcome, Outcome::drifts);
  // The second derivative of tanh is no number at 901, and the valley along x narrow.
  const Descent slope =
      end("0.1*(3*tanh(y) + 10)^2 + 10*(30*cos(x) - 2*sin(x) - 1)^2 + 0.01*(x^2+y^2)", {424.16, 912.17});
  EXPECT_EQ(slope.outcome, Outcome::minimum);
  // A valley that is narrower than the last digits, at 1e65
  const char* narrow = "0.001*(2*cos(x)*y^3 - 5*sin(x)*exp(x/3))^2 + (y^3 - 2*exp(y/3)*y^3)^2 + x^2 + y^2";
  EXPECT_NE(end(narrow, {324.96, 348.35}).outcome, Outcome::drifts);
  // y^4, beside 0.025
  EXPECT_NE(end("0.1*(y^2 - 2*log(1+y^2) + 0.5)^2 + 0.1*(x^2+y^2)", {-0.05, -0.12}).outcome, Outcome::other_point);
}

TEST(FarMinimum, OnEitherSideOfARidgeIsFoundBesideIt) {
  // x shrinks to nothing on the way to the saddle (0, sqrt(e^1.5 - 1)), and grows from there.
  const double x = std::sqrt(1.5);
  for (const double start : {-62.0, -3.0, -0.1, 0.1, 3.0, 62.0}) {
    SCOPED_TRACE(start);
    const Scene s("(2*log(1+y^2) + 2*x^2 - 3)^2 + 0.1*y^2", {start, 131});
    ASSERT_EQ(s.experiment.descent.outcome, Outcome::minimum);
    EXPECT_NEAR(s.experiment.descent.point[0], std::copysign(x, start), 1e-6);
    EXPECT_NEAR(s.experiment.descent.point[1], 0, 1e-6);
  }
  EXPECT_EQ(Scene("(2*log(1+y^2) + 2*x^2 - 3)^2 + 0.1*y^2", {0, 131}).experiment.descent.outcome, Outcome::other_point);
}

TEST(FarMinimum, ThatIsFarForTheRateHasItsFactor) {
  // 1 - lr lambda, of the smallest curvature of Rosenbrock's function at (1, 1)
  const etamax::FunctionRun run = Scene("rosenbrock", {1000, 0}).run(1e-9);
  EXPECT_EQ(run.verdict, Verdict::converges);
  ASSERT_TRUE(run.rate);
  EXPECT_NEAR((1 - *run.rate) / 1e-9, 501 - std::sqrt(501 * 501 - 400), 1e-5);
}

TEST(FarMinimum, NoOptimizerFallsForEverWhereThereIsOne) {
  for (const Bowl& bowl : {polynomial(4, 3, 10), polynomial(8, 7, 1), polynomial(6, 3, 10)})
    for (const char* optimizer : {"gd", "sgd", "adam", "adamw", "rmsprop", "adagrad", "lion", "signsgd"})
      for (const double share : {0.01, 0.3})
        for (const double lr : {1e-4, 0.02, 0.5, 30.0}) {
          SCOPED_TRACE(fmt::format("{} from {} by {} at {}", bowl.text, share * bowl.minimum, optimizer, lr));
          const etamax::FunctionRun run = Scene(bowl.text, {share * bowl.minimum}, optimizer).run(lr);
          EXPECT_NE(run.verdict, Verdict::drifts) << run.reason;
          EXPECT_NE(run.cause, Cause::unbounded_below) << run.reason;
          EXPECT_FALSE(run.falls) << run.reason;
        }
}

TEST(FarMinimum, ATailOrAPoleIsNone) {
  const auto outcome = [](const std::string& text, double start) {
    return Scene(text, {start}).experiment.descent.outcome;
  };
  for (const double start : {1e-6, 1e-3, 0.5, 3.0, 5.0}) {
    for (const char* text : {"1/x", "exp(-x)", "exp(-x^2)", "1/log(1+x)", "-atan(x)", "exp(-x^4)"})
      EXPECT_EQ(outcome(text, start), Outcome::drifts) << text << " from " << start;
    for (const char* text : {"log(x)", "-1/x", "-x", "-x^4", "-x^3 - x", "-log(1+x)"})
      EXPECT_EQ(outcome(text, start), Outcome::unbounded_below) << text << " from " << start;
  }
}

TEST(FarMinimum, IsNoCornerWhereTheFlowGoesOn) {
  // Waves along x beside a way along y that is 1e40 times as long.
  const Scene s("cos(9.65*x)/(1 + (10*(y-3)/(1 + (0.35*y)^2))^2)", {-0.00423, 451.4});
  EXPECT_EQ(s.experiment.descent.outcome, Outcome::drifts);
}

TEST(FarMinimum, IsNoLimitWhereSomethingMovesTheRunOn) {
  // Decay takes away as much at 1 as a full step adds.
  const Scene decayed("(x-1)^2", {1.5}, "adamw", {{"weight_decay", 1}});
  EXPECT_NE(decayed.run(0.01).kind, PointKind::minimum);
  const etamax::FunctionRun held = Scene("-x^3", {1}, "adamw", {{"weight_decay", 0.5}}).run(0.1);
  EXPECT_NE(held.kind, PointKind::maximum);
  EXPECT_EQ(held.reason.find("slightest push"), std::string::npos) << held.reason;  // 0.5 x is more than 3 x^2
  // The run goes to 0, small rates to 1.
  const etamax::FunctionRun other = Scene("x^2*(x-1)^4", {10}, "adamw").run(6.147);
  if (other.limit) EXPECT_NEAR((*other.limit)[0], 0, 1e-6);
  // The slope has no bound at 0.
  const Settings heavy = {{"momentum", 0.9999}, {"dampening", 0.99}};
  EXPECT_NE(Scene("sqrt(abs(x))+x^2", {1e-6}, "sgd", heavy).run(0.0732).verdict, Verdict::converges);
}

TEST(FarMinimum, StepsPassAPole) {
  // Gradient flow falls into it; x - lr/x leads past it and back for ever.
  for (const double lr : {0.01, 0.1, 1.0}) EXPECT_FALSE(Scene("log(abs(x))", {1}).run(lr).falls) << lr;
}

TEST(FarMinimum, IsNotTakenFromWhereTheLastDigitsShowNoMore) {
  const auto outcome = [](const std::string& text, std::vector<double> start) {
    return Scene(text, std::move(start)).experiment.descent.outcome;
  };
  for (const char* text : {"-log(sigmoid(x))", "(sigmoid(x)-1)^2", "(tanh(x)-1)^2"}) {  // they fall for ever
    EXPECT_NE(outcome(text, {0}), Outcome::minimum) << text;
    EXPECT_NE(outcome(text, {0}), Outcome::other_point) << text;
  }
  EXPECT_NE(outcome("-log(sigmoid(x*y))", {1, 1}), Outcome::minimum);
}

TEST(FarMinimum, WithoutCurvatureHasNoFactor) {
  for (const char* text : {"x^4 + x^3", "x^3", "x^5 + x^3", "x^4", "x^6"})
    for (const double start : {1e-3, 0.01, 0.1}) {
      const etamax::FunctionRun run = Scene(text, {start}).run(1e-3);
      EXPECT_FALSE(run.verdict == Verdict::converges && run.rate) << text << " from " << start;
    }
  // The optimizer forgets its slopes by a factor, which sets the pace until eps does: 1e-8 from the minimum.
  const etamax::FunctionRun run = Scene("(x^2-1)^4", {0.1}, "adam").run(3);
  EXPECT_FALSE(run.verdict == Verdict::converges && run.rate) << run.reason;
}

TEST(FarMinimum, AVariableThatNothingMovesMakesNoChaos) {
  for (const char* text : {"x^2 + y^2", "x^2 + y^4", "x^2 + 3*y^2"})
    for (const double lr : {0.3, 1.7, 4.927}) {
      const etamax::FunctionRun alone = Scene("x^2", {10}, "lion").run(lr);
      const etamax::FunctionRun both = Scene(text, {10, 0}, "lion").run(lr);
      EXPECT_EQ(both.verdict, alone.verdict) << text << " at " << lr;
      EXPECT_EQ(both.period, alone.period) << text << " at " << lr;
    }
}

TEST(FarMinimum, BeyondTheLongestTimeIsNoTail) {
  // The minimum is at exp(c): it is found, or else it is not known where the way leads.
  for (const int n : {2, 4, 6, 10})
    for (const int c : {3, 20, 50, 100, 200, 300, 340, 360, 400, 500, 690})
      for (const double start : {1.0, 50.0, 1e3}) {
        const Scene s(fmt::format("(log(x)-{})^{}", c, n), {start});
        const Descent& descent = s.experiment.descent;
        EXPECT_TRUE(descent.outcome == Outcome::minimum || descent.outcome == Outcome::unclear)
            << "c " << c << ", n " << n << " from " << start << ": " << to_string(descent.outcome);
        EXPECT_NE(s.run(0.1).verdict, Verdict::drifts) << "c " << c << ", n " << n << " from " << start;
      }
}

TEST(FarMinimum, ATailIsNoMinimumBeyondTheLongestTime) {
  for (const char* tail : {"1/log(x+2)", "1/x", "1/x^0.1", "1/x^2", "exp(-sqrt(log(x)))", "exp(-log(x)^1.5)",
                           "exp(-log(x)^2)", "1/(x+1e5)^0.1", "1/log(log(x+20))", "atan(-x)"})
    for (const double start : {1.5, 7.0, 30.0, 1e3})
      EXPECT_EQ(Scene(tail, {start}).experiment.descent.outcome, Outcome::drifts) << tail << " from " << start;
}

}  // namespace
}  // namespace etamax
