// Factors per step, measured from points whose factor is known.
#include "etamax/dynamics/measured_rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "made_up.h"

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

}  // namespace
}  // namespace etamax
