// Runs whose verdict is known from the mathematics, each with the reason beside it.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "etamax/dynamics/observed.h"
#include "etamax/explain/stability.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

struct Case {
  std::string objective;
  std::vector<double> start;
  std::string optimizer = "gd";
  std::vector<std::pair<std::string, double>> settings = {};

  NamedExpression parsed = parse_objective(objective);
  Function function{parsed.expression, parsed.variables};
  const OptimizerSpec& spec = find_optimizer(optimizer);
  HyperparameterValues values = hyperparameter_values(spec, settings);
  mutable Cost cost = {};
  std::unique_ptr<Experiment> experiment = std::make_unique<Experiment>(function, start, spec, values, cost);

  etamax::FunctionRun run(double lr, FollowOptions options = {}) const {
    return follow(*experiment, lr, options, cost);
  }
  Stability stability() const { return analyze_stability(*experiment, {}, cost); }
};

std::string verdict(const etamax::FunctionRun& run) { return to_string(run.verdict); }

TEST(Cases, TheArticlesThreeLearningRates) {
  const Case c{"x^2", {-1}};
  const auto slow = c.run(0.8), hops = c.run(1.0), fast = c.run(1.2);
  EXPECT_EQ(verdict(slow), "converges");
  EXPECT_EQ(slow.mode, Mode::oscillating);
  EXPECT_NEAR(*slow.rate, -0.6, 1e-12);
  EXPECT_TRUE(slow.reached_tolerance);
  EXPECT_EQ(verdict(hops), "cycles");
  EXPECT_EQ(hops.period, 2);
  EXPECT_EQ(verdict(fast), "diverges");
  EXPECT_EQ(fast.cause, Cause::learning_rate);
  EXPECT_EQ(fast.mode, Mode::oscillating);
  EXPECT_NEAR(*fast.rate, -1.4, 1e-12);
  ASSERT_EQ(fast.iterates.size(), 4u);
  EXPECT_NEAR(fast.iterates[1][0], 1.4, 1e-15);
  EXPECT_NEAR(fast.iterates[2][0], -1.96, 1e-15);
  EXPECT_NEAR(fast.iterates[3][0], 2.744, 1e-14);
  EXPECT_NEAR(fast.losses[3], 7.529536, 1e-13);
}

TEST(Cases, NearTheEdgeOfTheParabola) {
  const Case c{"x^2", {-1}};
  EXPECT_NEAR(*c.run(0.5).rate, 0, 1e-12);
  EXPECT_TRUE(c.run(0.5).reached_tolerance);
  EXPECT_EQ(c.run(0.49).mode, Mode::monotone);
  EXPECT_EQ(verdict(c.run(0.49)), "converges");
  EXPECT_EQ(verdict(c.run(0.99)), "converges");
  EXPECT_EQ(verdict(c.run(1.01)), "diverges");
  EXPECT_EQ(verdict(c.run(0.9999)), "converges");
  EXPECT_EQ(verdict(c.run(1.0001)), "diverges");
}

TEST(Cases, EdgesOfTheParabola) {
  const Stability s = Case{"x^2", {-1}}.stability();
  EXPECT_NEAR((*s.minimizer)[0], 0, 1e-12);
  EXPECT_NEAR(*s.lambda_max, 2, 1e-12);
  EXPECT_NEAR(*s.lr_edge, 1, 1e-9);
  EXPECT_NEAR(*s.lr_max_from_start, 1, 1e-5);
  EXPECT_LT((*s.lr_max_from_start_bracket)[0], 1);
  EXPECT_GT((*s.lr_max_from_start_bracket)[1], 1);
  EXPECT_NEAR(*s.lr_fastest, 0.5, 1e-6);
}

TEST(Cases, QuarticHasNoLocalEdgeButALimitFromItsStart) {
  const Case c{"x^4", {1}};
  const Stability s = c.stability();
  EXPECT_FALSE(s.lr_edge.has_value());
  EXPECT_FALSE(s.lr_edge_reason.empty());
  ASSERT_TRUE(s.lr_max_from_start.has_value()) << s.lr_max_from_start_reason;
  EXPECT_NEAR(*s.lr_max_from_start, 0.5, 1e-5);
  EXPECT_EQ(verdict(c.run(0.1)), "converges");
  EXPECT_FALSE(c.run(0.1).reached_tolerance);
  EXPECT_FALSE(c.run(0.1).rate.has_value());
  EXPECT_EQ(verdict(c.run(0.6)), "diverges");
  EXPECT_EQ(c.run(0.6).cause, Cause::learning_rate);
}

TEST(Cases, BoundedGradientsCycle) {
  EXPECT_EQ(verdict(Case{"logcosh", {1}}.run(5)), "cycles");
  EXPECT_EQ(verdict(Case{"logcosh", {1}}.run(500)), "cycles");
  EXPECT_EQ(verdict(Case{"logcosh", {1}}.run(1.5)), "converges");
  EXPECT_EQ(verdict(Case{"abs(x)", {1}}.run(0.3)), "cycles");
  EXPECT_EQ(verdict(Case{"x^2", {1}, "signsgd"}.run(0.3)), "cycles");
}

TEST(Cases, UnboundedBelowIsNotTheLearningRatesFault) {
  for (const auto& [text, start] : std::vector<std::pair<std::string, double>>{{"-x^2", 1}, {"x^3", -1}, {"x", 1}}) {
    for (double lr : {0.01, 0.1, 1.0}) {
      const auto run = Case{text, {start}}.run(lr);
      EXPECT_EQ(verdict(run), "diverges") << text << " at " << lr << ": " << run.reason;
      EXPECT_EQ(run.cause, Cause::unbounded_below) << text << " at " << lr;
    }
  }
  const auto saddle = Case{"x^2 - y^2", {1, 0.5}}.run(0.1);
  EXPECT_EQ(verdict(saddle), "diverges");
  EXPECT_EQ(saddle.cause, Cause::unbounded_below);
}

TEST(Cases, NothingMovesWhereTheGradientIsZero) {
  EXPECT_EQ(Case({"x^2", {0}}).run(0.1).kind, PointKind::minimum);
  EXPECT_EQ(Case({"-x^2", {0}}).run(0.1).kind, PointKind::maximum);
  EXPECT_EQ(Case({"x^2 - y^2", {0, 0}}).run(0.1).kind, PointKind::saddle);
  EXPECT_EQ(Case({"x^4", {0}}).run(0.1).kind, PointKind::minimum);
  for (const auto& c : {"x^2", "-x^2"}) EXPECT_EQ(verdict(Case{c, {0}}.run(0.1)), "stationary");
}

TEST(Cases, OutOfTheDomain) {
  const auto run = Case{"log(x)", {1}}.run(2);
  EXPECT_EQ(verdict(run), "undefined");
  EXPECT_EQ(run.bad_step, 1);
}

TEST(Cases, NoMinimumMeansDrifting) {
  for (double lr : {0.1, 1.0, 10.0}) EXPECT_EQ(verdict(Case{"exp(x)", {0}}.run(lr)), "drifts") << lr;
}

TEST(Cases, DoubleWellThroughPeriodDoublingIntoChaos) {
  const Case c{"double_well", {0.5}};
  EXPECT_EQ(verdict(c.run(0.9)), "converges");
  const auto two = c.run(1.1), four = c.run(1.26), chaos = c.run(1.4);
  EXPECT_EQ(two.period, 2) << two.reason;
  EXPECT_EQ(four.period, 4) << four.reason;
  EXPECT_EQ(verdict(chaos), "chaotic") << chaos.reason;
}

TEST(Cases, IllConditionedQuadratic) {
  const Case c{"quadratic(condition=100)", {1, 1}};
  const Stability s = c.stability();
  EXPECT_NEAR(*s.lr_edge, 2.0 / 100, 1e-9);
  EXPECT_NEAR(*s.lr_fastest, 2.0 / 101, 1e-6);
  EXPECT_EQ(verdict(c.run(0.019)), "converges");
  EXPECT_EQ(verdict(c.run(0.021)), "diverges");
}

TEST(Cases, OverflowInOneStep) {
  const auto run = Case{"x^4", {1e70}}.run(1e100);
  EXPECT_EQ(verdict(run), "diverges");
  EXPECT_EQ(run.bad_step, 1);
  EXPECT_EQ(run.cause, Cause::learning_rate);
}

TEST(Cases, VerdictsDoNotDependOnTheUnits) {
  for (const double scale : {1e-6, 1e-3, 1e3, 1e6}) {
    // x = scale * z: the start shrinks by the scale, the edge by its square.
    const std::string s = "(" + std::to_string(scale) + "*x)";
    const Case plain{"(x^2 - 1)^2 / 4", {0.5}}, scaled{"(" + s + "^2 - 1)^2 / 4", {0.5 / scale}};
    for (const double lr : {0.1, 0.9, 1.1, 1.26, 1.4, 5.0}) {
      EXPECT_EQ(verdict(plain.run(lr)), verdict(scaled.run(lr / scale / scale))) << scale << " " << lr;
    }
    EXPECT_NEAR(*scaled.stability().lr_edge * scale * scale, *plain.stability().lr_edge, 1e-6);
  }
}

TEST(Cases, HeavyBallAllowsMore) {
  const Case c{"x^2", {-1}, "sgd", {{"momentum", 0.9}}};
  EXPECT_NEAR(*c.stability().lr_edge, 1.9, 1e-9);
  EXPECT_EQ(verdict(c.run(1.85)), "converges");
  EXPECT_EQ(verdict(c.run(1.95)), "diverges");
}

}  // namespace
}  // namespace etamax
