// Factors per step, measured from points whose factor is known.
#include "etamax/dynamics/measured_rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "made_up.h"
#include "scene.h"

namespace etamax {
namespace {

std::optional<double> rate(const Trajectory& path, double center) {
  return measured_rate(path, path.size(), std::vector<double>{center});
}

TEST(MeasuredRate, OfAMultiplicationIsItsFactor) {
  for (const double factor : {0.9, 0.1, -0.6, -1.4, 3.0}) {
    const Trajectory path = made_up(20, [&](double k) { return std::pow(factor, k); });
    const auto seen = rate(path, 0);
    ASSERT_TRUE(seen) << factor;
    EXPECT_NEAR(*seen, factor, 1e-12) << factor;
    EXPECT_EQ(measured_mode(path, path.size(), std::vector<double>{0}), factor < 0 ? Mode::oscillating : Mode::monotone)
        << factor;
  }
}

TEST(MeasuredRate, OfComplexMultipliersIsTheirSize) {
  const Trajectory path = made_up(2000, [](double k) { return std::pow(0.99, k) * std::cos(k); });
  const auto seen = rate(path, 0);
  ASSERT_TRUE(seen);
  EXPECT_NEAR(*seen, 0.99, 1e-4);
  EXPECT_EQ(measured_mode(path, path.size(), std::vector<double>{0}), Mode::oscillating);
}

TEST(MeasuredRate, IsNoneWhereNoFactorStays) {
  EXPECT_FALSE(rate(made_up(100, [](double k) { return std::exp(k * k / 100); }), 0));  // ever faster
  EXPECT_FALSE(rate(made_up(20, [](double k) { return side(k) / (k + 1); }), 0));       // ever more slowly
  EXPECT_FALSE(rate(made_up(kPointsForRate - 1, [](double k) { return std::pow(0.5, k); }), 0));
  EXPECT_TRUE(rate(made_up(kPointsForRate, [](double k) { return std::pow(0.5, k); }), 0));
}

TEST(MeasuredRate, TakesAFactorForConstantToThreeDigits) {
  // Factors 0.5 (1 +- change) in turn: they differ by 2 * change of the larger. Too few points for a mean.
  const auto seen = [](double change) {
    return rate(made_up(20, [&](double k) { return std::pow(0.5, k) * (std::fmod(k, 2) == 0 ? 1 : 1 + change); }), 0);
  };
  EXPECT_TRUE(seen(0.49e-3));
  EXPECT_FALSE(seen(0.51e-3));
}

/// 1 - lr f'' at the minimum, whatever way led there, and however few steps.
TEST(MeasuredRate, HasItsSignInOneVariable) {
  struct Case {
    const char* text;
    double curvature;  // at the minimum
    std::vector<double> starts, rates;
  };
  const Case cases[] = {{"exp(x)-x", 1, {5, 0.1, 3, -2}, {0.5, 1.5, 1.7}},
                        {"x*log(x)", std::exp(1), {1, 0.5}, {0.3, 0.5, 0.6}},
                        {"(x^2-1)^2*(x-3)^2", 128, {2.2, 2.9, 3.1}, {0.002, 0.01, 0.012}},
                        {"-log(x)+x", 1, {1e-3, 0.5, 3}, {0.5, 1.5, 1.9}},
                        {"cosh(x)", 1, {1, -2}, {0.7, 1.3}}};
  for (const Case& c : cases)
    for (const double start : c.starts)
      for (const double lr : c.rates) {
        const FunctionRun run = Scene(c.text, {start}).run(lr);
        if (run.verdict != Verdict::converges || !run.rate || run.lr_edge_at_limit) continue;
        EXPECT_NEAR(*run.rate, 1 - lr * c.curvature, 2e-3) << c.text << " from " << start << " at " << lr;
        EXPECT_EQ(run.mode == Mode::oscillating, *run.rate < 0) << c.text << " from " << start << " at " << lr;
      }
}

/// The larger root of z^2 - (1 + m - h) z + m, h = lr (f'' + decay): with a memory, too.
TEST(MeasuredRate, HasItsSignWhereARunDiverges) {
  const auto root = [](double momentum, double h) {
    const double half = (1 + momentum - h) / 2;
    return half + std::copysign(std::sqrt(half * half - momentum), half);
  };
  for (const double lr : {1.9001, 1.95, 2.5}) {
    const FunctionRun run = Scene("x^2", {1}, "sgd", {{"momentum", 0.9}}).run(lr);
    ASSERT_EQ(run.verdict, Verdict::diverges);
    EXPECT_NEAR(run.rate.value_or(0), root(0.9, 2 * lr), 1e-9) << lr;
    EXPECT_EQ(run.mode, Mode::oscillating);
  }
  for (const double lr : {4.1, 5.0}) {
    const FunctionRun run = Scene("-x^2", {1}, "sgd", {{"weight_decay", 2.5}}).run(lr);
    ASSERT_EQ(run.verdict, Verdict::diverges);
    EXPECT_NEAR(run.rate.value_or(0), 1 - 0.5 * lr, 1e-9) << lr;
  }
}

}  // namespace
}  // namespace etamax
