// Period doublings and exponents against what plain iteration of the quartic, written out here, does.
#include "etamax/maps/bifurcation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etamax {
namespace {

double step(double x, double lr) { return x - lr * (4 * x * x * x - 6 * x + 1); }

/// The smallest period of 1, 2, 4, ... with which the run from -1.5 repeats after so many steps.
int period_after(double lr, long steps) {
  double x = -1.5;
  for (long k = 0; k < steps; ++k) x = step(x, lr);
  for (int p = 1; p <= 256; p *= 2) {
    double y = x;
    for (int k = 0; k < p; ++k) y = step(y, lr);
    if (std::abs(y - x) < 1e-7) return p;
  }
  return 0;
}

BifurcationDiagram quartic(double from, double to, int columns) {
  BifurcationOptions o;
  o.runs.expression = "x^4-3x^2+x";
  o.runs.start = {{"", -1.5}};
  o.runs.x = {"lr", from, to, false, columns};
  return bifurcation(o);
}

TEST(Bifurcation, PeriodsOfTheQuarticDoubleWhereIterationDoublesThem) {
  const BifurcationDiagram d = quartic(0.01, 0.35, 64);
  ASSERT_GE(d.doublings.size(), 5u);
  int period = 1;
  for (const PeriodDoubling& p : d.doublings) {
    EXPECT_EQ(p.period, period);
    period *= 2;
    if (p.period > 16) continue;  // of the others the ranges are narrower than a millionth
    EXPECT_EQ(period_after(p.at * (1 - 1e-6), 16000000 / p.period), p.period) << p.at;
    EXPECT_EQ(period_after(p.at * (1 + 1e-6), 16000000 / p.period), 2 * p.period) << p.at;
  }
  // The first is the stability edge 2 / f'' of the minimum.
  double x = -1.3;
  for (int k = 0; k < 20; ++k) x -= (4 * x * x * x - 6 * x + 1) / (12 * x * x - 6);
  EXPECT_NEAR(d.doublings.front().at, 2 / (12 * x * x - 6), 1e-12);
  ASSERT_TRUE(d.doublings.back().ratio);
  EXPECT_NEAR(*d.doublings.back().ratio, 4.669201609, 0.005);  // Feigenbaum's number
}

TEST(Bifurcation, ExponentsAreTheMeanLogarithmOfTheSlope) {
  const BifurcationDiagram d = quartic(0.05, 0.26, 40);
  for (int i = 0; i < 40; ++i) {
    const BifurcationColumn& column = d.columns[static_cast<std::size_t>(i)];
    const double lr = d.x.value(i);
    double x = -1.5, sum = 0;
    for (long k = 0; k < d.skipped; ++k) x = step(x, lr);
    constexpr long kSteps = 100000;
    for (long k = 0; k < kSteps; ++k) {
      sum += std::log(std::abs(1 - lr * (12 * x * x - 6)));
      x = step(x, lr);
    }
    ASSERT_TRUE(column.lyapunov) << lr;
    // Chaos is measured over 2,000 of its steps: its exponent strays by some hundredths.
    EXPECT_NEAR(*column.lyapunov, sum / kSteps, column.fate == Verdict::chaotic ? 0.06 : 2e-3) << lr;
    if (sum / kSteps > 0.05) {
      EXPECT_EQ(column.fate, Verdict::chaotic) << lr;
    }
    if (sum / kSteps < -0.05) {
      EXPECT_NE(column.fate, Verdict::chaotic) << lr;
    }
  }
}

TEST(Bifurcation, EveryIterateThatStaysIsCounted) {
  const BifurcationDiagram d = quartic(0.05, 0.26, 16);
  for (std::size_t i = 0; i < 16; ++i) {
    long sum = 0;
    for (std::size_t row = 0; row < static_cast<std::size_t>(d.rows); ++row) sum += d.counts[row * 16 + i];
    EXPECT_EQ(sum, d.kept);
  }
  EXPECT_EQ(quartic(0.5, 0.6, 4).columns.back().fate, Verdict::diverges);
}

TEST(Bifurcation, RefusesTwoVariablesAndNoStart) {
  BifurcationOptions o;
  o.runs.expression = "x^2+y^2";
  o.runs.x = {"lr", 0.1, 1, false, 8};
  o.runs.start = {{"", 1}};
  EXPECT_THROW(bifurcation(o), InputError);
  o.runs.expression = "x^2";
  o.runs.start.clear();
  EXPECT_THROW(bifurcation(o), InputError);
}

}  // namespace
}  // namespace etamax
