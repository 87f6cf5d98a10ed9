#include "etamax/core/bisection.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etamax {
namespace {

bool never(const Bracket&) { return false; }

}  // namespace

TEST(Bisection, FindsTheLastNumberWhereItHolds) {
  const double root = last_where(0, 2, [](double x) { return x * x <= 2; });
  EXPECT_LE(root * root, 2);
  const double next = std::nextafter(root, 2.0);
  EXPECT_GT(next * next, 2);
  EXPECT_EQ(last_where(-1, 0.3, [](double x) { return x <= 0.25; }), 0.25);
  EXPECT_EQ(last_where(1, 5, [](double) { return false; }), 1);
  EXPECT_EQ(last_where(1, 5, [](double) { return true; }), std::nextafter(5.0, 0.0));
}

TEST(Bisection, StopsWhereItIsNarrowOrTooLong) {
  const auto below_2 = [](double x) { return x < 2; };
  const auto narrow = [](const Bracket& b) { return b.high <= 1.01 * b.low; };
  const auto geometric = [](double low, double high) { return std::sqrt(low * high); };
  const Bracket found = bisected({1, 100}, below_2, narrow, geometric);
  EXPECT_LT(found.low, 2);
  EXPECT_GE(found.high, 2);
  EXPECT_LE(found.high, 1.01 * found.low);
  const Bracket twice = bisected({0, 8}, below_2, never, halfway, 2);
  EXPECT_EQ(twice.low, 0);
  EXPECT_EQ(twice.high, 2);
}

TEST(Bisection, StopsWhereItCannotBeTold) {
  const auto holds = [](double x) -> std::optional<bool> {
    if (x > 4 && x < 6) return {};
    return x < 5;
  };
  const Bracket found = bisected({0, 16}, holds, never, halfway);
  EXPECT_EQ(found.low, 4);
  EXPECT_EQ(found.high, 6);
}

}  // namespace etamax
