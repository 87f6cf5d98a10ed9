// Where gradient flow leads, on functions whose flow is known.
#include "etamax/dynamics/descent.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/dynamics/stationary_point.h"
#include "scene.h"

namespace etamax {
namespace {

TEST(Descent, EndsAsItsFunctionDoes) {
  using Outcome = Descent::Outcome;
  const auto outcome = [](const std::string& objective, std::vector<double> start) {
    return Scene(objective, std::move(start)).experiment.descent.outcome;
  };
  EXPECT_EQ(outcome("x^2", {3}), Outcome::minimum);
  EXPECT_EQ(outcome("x^4", {3}), Outcome::minimum);
  EXPECT_EQ(outcome("abs(x)", {3}), Outcome::minimum);
  EXPECT_EQ(outcome("relu(x)", {3}), Outcome::minimum);
  EXPECT_EQ(outcome("x^2 + 1e6*y^2", {1, 1}), Outcome::minimum);
  EXPECT_EQ(outcome("x^2 - y^2", {1, 0}), Outcome::other_point);
  EXPECT_EQ(outcome("x*y", {1, 1}), Outcome::other_point);
  EXPECT_EQ(outcome("-x^2", {1}), Outcome::unbounded_below);
  EXPECT_EQ(outcome("x", {1}), Outcome::unbounded_below);
  EXPECT_EQ(outcome("log(x)", {1}), Outcome::unbounded_below);
  EXPECT_EQ(outcome("exp(x)", {0}), Outcome::drifts);
  EXPECT_EQ(outcome("1/x", {1}), Outcome::drifts);
  EXPECT_EQ(outcome("log(x)", {-1}), Outcome::undefined);
}

/// Where x^6 overflows, or exp(x) vanishes, the slope is 0 or jumps, and the function itself goes on.
TEST(Descent, DoesNotEndWhereTheNumbersDo) {
  using Outcome = Descent::Outcome;
  const auto outcome = [](const std::string& objective, double start) {
    return Scene(objective, {start}).experiment.descent.outcome;
  };
  EXPECT_EQ(outcome("(x/(1+x^2))^2", 2), Outcome::drifts);
  EXPECT_EQ(outcome("((x-0.25)/(1+x^2))^4", 2.64), Outcome::drifts);
  EXPECT_EQ(outcome("(x/(1+(2*x)^2))^2", -1.3), Outcome::drifts);
  EXPECT_EQ(outcome("log(sigmoid(x))", 1.884), Outcome::unbounded_below);
  EXPECT_EQ(outcome("(5*x)/(1+(tanh(x)+(0.01*x)/(1+x^2))^2)", -1), Outcome::unbounded_below);
  // Nor where something vanishes that is nothing beside the rest, or that vanishes toward the minimum.
  EXPECT_EQ(outcome("abs(x-800)+0.001*softplus(-x)", 0), Outcome::minimum);
  EXPECT_EQ(outcome("(x-800)^2+exp(-x)", 0), Outcome::minimum);
  for (const double start : {0.9, 1.0, 1.1, 1.5}) EXPECT_EQ(outcome("x^100", start), Outcome::minimum) << start;
}

TEST(Descent, PassesKinksAtWhichTheSlopeKeepsItsSign) {
  using Outcome = Descent::Outcome;
  const auto end = [](const std::string& objective, double start) {
    return Scene(objective, {start}).experiment.descent;
  };
  EXPECT_EQ(end("relu(x) + x", 3).outcome, Outcome::unbounded_below);
  EXPECT_EQ(end("relu(9*x+1) + 15.1*x^3", 1.357).outcome, Outcome::unbounded_below);
  const Descent bowl = end("(x+2)^2 + 5*relu(x) + relu(-1-x)/2", 3);
  EXPECT_EQ(bowl.outcome, Outcome::minimum);
  EXPECT_NEAR(bowl.point[0], -1.75, 1e-9);
  EXPECT_NEAR(end("abs(x) + relu(x - 1)", 3).point[0], 0, 1e-9);
}

TEST(Descent, FindsThePointAndItsSpectrum) {
  const Descent descent = Scene("(x - 3)^2 + 10*(y + 1)^2", {1e3, 1e3}).experiment.descent;
  EXPECT_NEAR(descent.point[0], 3, 1e-12);
  EXPECT_NEAR(descent.point[1], -1, 1e-12);
  ASSERT_EQ(descent.eigenvalues.size(), 2u);
  EXPECT_NEAR(descent.eigenvalues[0], 2, 1e-12);
  EXPECT_NEAR(descent.eigenvalues[1], 20, 1e-11);
  EXPECT_NEAR(std::abs(descent.vectors[1][1]), 1, 1e-12);
  EXPECT_TRUE(descent.smooth);
}

TEST(Descent, SeesCornersAndEdges) {
  EXPECT_FALSE(Scene("abs(x - 1)", {5}).experiment.descent.smooth);
  EXPECT_TRUE(Scene("(x - 1)^2", {5}).experiment.descent.smooth);
  EXPECT_TRUE(Scene("sqrt(x)", {1}).experiment.descent.at_domain_edge);
  EXPECT_FALSE(Scene("x^2", {1}).experiment.descent.at_domain_edge);
}

TEST(Descent, SeesACurvatureWithoutBound) {
  for (const double power : {1.2, 1.5, 1.8, 1.9})
    for (const double unit : {1e-100, 1.0, 1e100})
      for (const char* base : {"abs(x)", "abs(x - 1)", "max(x, 0)"}) {
        const std::string text = fmt::format("{}*{}^{}", unit, base, power);
        const std::string side = std::string(base).starts_with("max") ? fmt::format("{} + {}*x^2", text, unit) : text;
        const Scene s(side, {3});
        EXPECT_FALSE(s.experiment.descent.bounded_curvature) << side;
        EXPECT_FALSE(s.experiment.theory.applies()) << side;
      }
  for (const char* text : {"x^2", "(x-1)^4", "abs(x)^3", "sqrt(x^2 + 1e-20)", "log(cosh(x))", "x^2 + 1e-3*sin(1e3*x)^2",
                           "max(x,0)^2 + 3*min(x,0)^2", "1/x + x", "abs(x)", "(x - 1e6)^2", "1e-200*x^2", "1e200*x^2"})
    EXPECT_TRUE(Scene(text, {3}).experiment.descent.bounded_curvature) << text;
}

TEST(Descent, GoesOnWhereTheHessianCannotBeComputed) {
  const Scene s("max(x, 0)^1.8 + x^2", {3});  // below 0 its second derivative is 0 times infinity
  EXPECT_EQ(s.experiment.descent.outcome, Descent::Outcome::minimum);
  EXPECT_NEAR(s.experiment.descent.point[0], 0, 1e-9);
}

TEST(Descent, CountsWhatItCosts) {
  const Scene s("x^2 + y^4", {1, 1});
  EXPECT_GT(s.cost.hvps, 0);
  EXPECT_EQ(s.cost.hvps % 2, 0);                     // a Hessian is two products
  EXPECT_EQ(s.cost.gradients, s.cost.forwards + 3);  // the first step is looked at on its way
}

TEST(StationaryPoint, IsClassifiedByTheHessianOrByLookingAround) {
  const auto kind = [](const std::string& objective, std::vector<double> point) {
    return classify_point(Scene(objective, point).function, point);
  };
  EXPECT_EQ(kind("x^2 + y^2", {0, 0}), PointKind::minimum);
  EXPECT_EQ(kind("-x^2 - y^2", {0, 0}), PointKind::maximum);
  EXPECT_EQ(kind("x^2 - 1e-3*y^2", {0, 0}), PointKind::saddle);
  EXPECT_EQ(kind("x^4 + y^4", {0, 0}), PointKind::minimum);
  EXPECT_EQ(kind("-x^4", {0}), PointKind::maximum);
  EXPECT_EQ(kind("x^3", {0}), PointKind::saddle);  // an inflection
  for (const double beside : {-1e-9, 1e-12, 1e-100, -1e-200, 4e-218})
    EXPECT_EQ(kind("-x^3", {beside}), PointKind::saddle) << beside;  // whose curvature there is nothing
  EXPECT_EQ(kind("1e9*x^3 - x^2", {0}), PointKind::maximum);
  EXPECT_EQ(kind("1e9*x^3 + x^2", {0}), PointKind::minimum);
  EXPECT_EQ(kind("0*x + 1", {2}), PointKind::flat);
}

TEST(Descent, ACurvatureThatIsAnotherOnEachSideIsNoCurvature) {
  for (const double one : {1.0, 0.02, 7e5})
    for (const double factor : {0.0, 0.1, 0.7, 0.95, 1.0, 1.5, 40.0})
      for (const double at : {0.0, 3.0, -200.0})
        for (const char* curved : {"", " + {0}^4/2", " + {0}^3/1e3"}) {
          if (factor == 0 && std::string(curved).ends_with("^3/1e3")) continue;  // falls without end
          const std::string shifted = fmt::format("(x - ({}))", at);
          const std::string text = fmt::format("{1}*(max({0}, 0)^2 + {2}*min({0}, 0)^2{3})", shifted, one, factor,
                                               fmt::format(fmt::runtime(curved), shifted));
          const Scene s(text, {at + 1});
          const Stability stability = s.stability();
          ASSERT_TRUE(stability.minimizer) << text;
          const bool even = factor == 1;
          EXPECT_EQ(stability.lambda_max.has_value(), even) << text;
          EXPECT_EQ(stability.lr_edge.has_value(), even) << text;
          if (even) EXPECT_NEAR(*stability.lambda_max / (2 * one), 1, 1e-6) << text;
          if (!even)
            EXPECT_EQ(stability.lr_edge_reason,
                      "the curvature is another on each side of the minimum, so there is no local edge")
                << text;
        }
}

TEST(Descent, AMinimumOfHighOrderHasNoCurvatureOnBothSides) {
  for (const int n : {4, 6, 10, 20, 40, 100})
    for (const double c : {1e-6, 1.0, 1e4, 1e8, 1e12})
      for (const double share : {0.5, 1.0, 1.2}) {
        const Scene s(fmt::format("(x/{})^{}", c, n), {share * c});
        const Descent& descent = s.experiment.descent;
        if (descent.outcome != Descent::Outcome::minimum) continue;
        EXPECT_TRUE(descent.even_curvature) << "(x/" << c << ")^" << n << " from " << share * c;
      }
}

}  // namespace
}  // namespace etamax
