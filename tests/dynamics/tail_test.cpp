// Each test of the judge on points that are made up, on both sides of its threshold.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "etamax/dynamics/tail_tests.h"
#include "made_up.h"

namespace etamax {
namespace {

constexpr std::size_t kPoints = 400;  // quarters of 100

/// The tests that find something, in one word each.
std::string found(const Trajectory& path, double point) {
  const tail::QuarterExtents extents = tail::quarter_extents(path);
  const std::vector<double> limit{point};
  std::string names;
  const auto add = [&](const char* name, bool holds) {
    names += holds ? (names.empty() ? "" : " ") + std::string(name) : "";
  };
  add("repeats", tail::repeats(path, extents).has_value());
  add("settles", tail::settles(path, extents, limit));
  add("approaches", tail::approaches(path, extents, limit));
  add("travels", tail::travels(path));
  add("grows", tail::grows(path, extents));
  add("moves", tail::region(extents).has_value());
  return names;
}

TEST(Tail, OneRunOfEachKind) {
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return 3 + std::pow(0.5, k); }), 3), "settles");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return 3 + std::pow(k + 1, -0.5); }), 3), "approaches travels moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return 3 + side(k) * std::pow(k + 1, -0.5); }), 3),
            "approaches moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return 3 + side(k); }), 3), "repeats moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return std::cos(k); }), 0), "moves");  // wanders on a circle
  // It drifts. The slack lets it pass for an approach to a point far behind: the judge asks of points far ahead.
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return std::log(k + 1); }), 0), "approaches travels moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return k; }), 0), "travels moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return side(k) * std::pow(1.01, k); }), 0), "grows moves");
  EXPECT_EQ(found(made_up(kPoints, [](double k) { return std::pow(1.01, k); }), 0), "travels grows moves");
  EXPECT_EQ(found(made_up(kPoints, [](double) { return 3.0; }), 3), "settles");
  EXPECT_EQ(found(made_up(kPoints, [](double) { return 3.0; }), 4), "");
}

TEST(Tail, OnePointDoesNotSayWhereARunStays) {
  for (std::size_t points = 2; points < 8; ++points) {
    EXPECT_EQ(tail::quarter_extents(made_up(points, [](double k) { return k; })).last, 1) << points;
  }
}

TEST(Tail, WhatCreepsForGoodIsToldFromWhatSlowsDown) {
  const auto creeps = [](auto size) {
    return tail::creeps(tail::quarter_extents(made_up(kPoints, [&](double k) { return side(k) * size(k); })));
  };
  EXPECT_TRUE(creeps([](double k) { return std::pow(1 + 1e-5, k); }));
  EXPECT_TRUE(creeps([](double k) { return std::pow(1 - 1e-5, k); }));
  EXPECT_FALSE(creeps([](double) { return 1.0; }));
  EXPECT_FALSE(creeps([](double k) { return 1 + 0.1 * std::exp(-k / 100); }));
  EXPECT_FALSE(creeps([](double k) { return 1 - 0.1 * std::exp(-k / 100); }));
}

TEST(Tail, FindsTheSmallestPeriod) {
  for (const int period : {2, 3, 5, 8, kLongestPeriod, kLongestPeriod + 1}) {
    const Trajectory path =
        made_up(kPoints, [&](double k) { return std::cos(2 * M_PI * std::fmod(k, period) / period); });
    const auto seen = tail::repeats(path, tail::quarter_extents(path));
    if (period <= kLongestPeriod)
      EXPECT_EQ(seen, period);
    else
      EXPECT_FALSE(seen) << *seen;
    EXPECT_EQ(tail::loose_period(path), period);
  }
}

TEST(Tail, PointsRepeatToATolerance) {
  // From one round to the next every point moves by 2 `step`, in a box of side 2.
  const auto drifting = [](double step) {
    const Trajectory path = made_up(kPoints, [&](double k) { return side(k) + step * k; });
    return tail::repeats(path, tail::quarter_extents(path)).has_value();
  };
  EXPECT_TRUE(drifting(0.98 * tail::kRepeats));
  EXPECT_FALSE(drifting(1.02 * tail::kRepeats));
}

TEST(Tail, ASlowSpiralIsNoCycle) {
  const auto spiral = [](double loss_per_quarter) {
    const double factor = std::pow(1 - loss_per_quarter, 4.0 / kPoints);
    const Trajectory path = made_up(kPoints, [&](double k) { return side(k) * std::pow(factor, k); });
    return tail::repeats(path, tail::quarter_extents(path)).has_value();
  };
  EXPECT_TRUE(spiral(0.98 * tail::kSpirals));
  EXPECT_FALSE(spiral(1.02 * tail::kSpirals));
}

TEST(Tail, SettlesToTheToleranceOfTheWay) {
  const auto settles = [](double off, double hops) {  // from 0 to 1
    const Trajectory path = made_up(kPoints, [&](double k) { return k == 0 ? 0.0 : 1 + off + hops * side(k); });
    return tail::settles(path, tail::quarter_extents(path), std::vector<double>{1});
  };
  EXPECT_TRUE(settles(0.99 * kTolerance, 0));
  EXPECT_FALSE(settles(1.01 * kTolerance, 0));
  EXPECT_TRUE(settles(0, 0.49 * kTolerance));
  EXPECT_FALSE(settles(0, 0.51 * kTolerance));
}

TEST(Tail, SettlesToTheRoundingOfAFarPoint) {
  const auto settles = [](double off) {  // near 1e12, where the way is nothing
    const Trajectory path = made_up(kPoints, [&](double) { return 1e12 + off; });
    return tail::settles(path, tail::quarter_extents(path), std::vector<double>{1e12});
  };
  EXPECT_TRUE(settles(0.9 * 1e12 * tail::kRounding));
  EXPECT_FALSE(settles(1.1 * 1e12 * tail::kRounding));
}

TEST(Tail, ShrinksByATenthAQuarter) {
  const auto approaches = [](double share, std::size_t points) {
    const double factor = std::pow(share, 4.0 / static_cast<double>(points));
    const Trajectory path = made_up(points, [&](double k) { return side(k) * std::pow(factor, k); });
    EXPECT_EQ(tail::shrinks(tail::quarter_extents(path)), share < tail::kShrinks) << share;
    return tail::approaches(path, tail::quarter_extents(path), std::vector<double>{0});
  };
  EXPECT_TRUE(approaches(0.99 * tail::kShrinks, kPoints));
  EXPECT_FALSE(approaches(1.01 * tail::kShrinks, kPoints));
  EXPECT_TRUE(approaches(0.5, 2 * tail::kWindows));
  EXPECT_FALSE(approaches(0.5, 2 * tail::kWindows - 4));  // windows of no point
}

TEST(Tail, TheSlowestApproachesShrink) {
  // What the comment on kShrinks says.
  for (const double power : {1e-3, 0.1, 0.5, 1.0, 3.0}) {
    const auto law = [&](double k) { return std::pow(k + 1, -power); };
    const auto one_side = tail::quarter_extents(made_up(10000, law));
    EXPECT_LT(one_side.third / one_side.second, 0.71) << power;
    EXPECT_LT(one_side.last / one_side.third, 0.71) << power;
  }
  const auto hops = tail::quarter_extents(made_up(10000, [](double k) { return side(k) / std::sqrt(k + 1); }));
  EXPECT_LT(hops.third / hops.second, 0.82);
  EXPECT_LT(hops.last / hops.third, 0.82);
}

TEST(Tail, AnApproachHasNoBursts) {
  const auto law = [](double k) { return std::pow(k + 1, -0.5); };
  const auto approaches = [&](double height) {
    const Trajectory path = made_up(kPoints, [&](double k) { return law(k) * (k == 290 ? height : 1); });
    return tail::approaches(path, tail::quarter_extents(path), std::vector<double>{0});
  };
  // Windows of 12 points end at point 400, so two begin at 268 and at 280: the first one's farthest distance is that
  // at 268, and the burst may exceed it by the slack.
  const double as_far = law(268) / law(290);
  EXPECT_TRUE(approaches(1));
  EXPECT_TRUE(approaches(0.99 * tail::kWindowSlack * as_far));
  EXPECT_FALSE(approaches(1.01 * tail::kWindowSlack * as_far));
}

TEST(Tail, GrowsByAFifthAQuarterAndDoesNotSlowDown) {
  const auto grows = [](const Trajectory& path) { return tail::grows(path, tail::quarter_extents(path)); };
  const auto geometric = [&](double factor, std::size_t points) {
    const double step = std::pow(factor, 4 / static_cast<double>(points));
    return grows(made_up(points, [&](double k) { return side(k) * std::pow(step, k); }));
  };
  EXPECT_TRUE(geometric(1.01 * tail::kGrows, kPoints));
  EXPECT_FALSE(geometric(0.99 * tail::kGrows, kPoints));
  EXPECT_FALSE(geometric(2, tail::kPointsToGrow));
  EXPECT_TRUE(geometric(2, tail::kPointsToGrow + 4));
  EXPECT_TRUE(grows(made_up(kPoints, [](double k) { return side(k) * std::exp(k * k / 1e5); })));  // ever faster
  EXPECT_FALSE(grows(made_up(kPoints, [](double k) { return side(k) * std::pow(k, 3); })));        // ever less so
  // The start was larger than all that followed.
  EXPECT_FALSE(grows(made_up(kPoints, [](double k) { return k == 0 ? 1e9 : side(k) * std::pow(1.01, k); })));
}

TEST(Tail, ARangeThatGrowsWithTheStepsIsNoRegion) {
  const auto grows = [](double power) {
    return tail::grows_in_proportion(
        tail::quarter_extents(made_up(kPoints, [&](double k) { return side(k) * std::pow(k, power); })));
  };
  for (const double power : {1.0, 1.5, 2.0, 3.0}) EXPECT_TRUE(grows(power)) << power;
  for (const double power : {0.0, 0.3, 0.5, 0.8}) EXPECT_FALSE(grows(power)) << power;
}

TEST(Tail, AGrowthThatSlowsDownIsNone) {
  const auto grows = [](double second_factor) {  // after a doubling, from quarter to quarter
    const double sizes[] = {0.5, 1, 2, 2 * second_factor};
    const Trajectory path =
        made_up(kPoints, [&](double k) { return side(k) * sizes[static_cast<std::size_t>(4 * k / kPoints)]; });
    return tail::grows(path, tail::quarter_extents(path));
  };
  EXPECT_TRUE(grows(2 * (1 - 0.9 * tail::kGrowthSlack)));
  EXPECT_FALSE(grows(2 * (1 - 1.1 * tail::kGrowthSlack)));
}

TEST(Tail, TravelsByHalfItsLength) {
  // Steps of `forth` and -1 in turn: of their length, (forth - 1) / (forth + 1) is way.
  const auto travels = [](double forth) {
    return tail::travels(
        made_up(kPoints, [&](double k) { return std::floor((k + 1) / 2) * forth - std::floor(k / 2); }));
  };
  const double even = (1 + tail::kTravels) / (1 - tail::kTravels);
  EXPECT_TRUE(travels(1.01 * even));
  EXPECT_FALSE(travels(0.99 * even));
}

TEST(Tail, DescendsWhereTheEndIsBelowTheMiddle) {
  EXPECT_TRUE(tail::descends(made_up(kPoints, [](double k) { return 1 / (k + 1); })));
  EXPECT_FALSE(tail::descends(made_up(kPoints, [](double) { return 1.0; })));
  EXPECT_FALSE(tail::descends(made_up(kPoints, [](double k) { return k; })));
}

TEST(Tail, ChaosIsAPositiveExponentBeyondItsError) {
  EXPECT_TRUE(tail::is_chaotic({0.5, 0.99 * 0.5 / tail::kStandardErrors}));
  EXPECT_FALSE(tail::is_chaotic({0.5, 1.01 * 0.5 / tail::kStandardErrors}));
  EXPECT_TRUE(tail::is_chaotic({1.01 * tail::kLeastExponent, 0}));
  EXPECT_FALSE(tail::is_chaotic({0.99 * tail::kLeastExponent, 0}));
  EXPECT_FALSE(tail::is_chaotic({-0.5, 0}));
}

TEST(Tail, AnyNumberOfPointsWillDo) {
  for (std::size_t points = 1; points < 20; ++points)
    for (const double factor : {1.0, -1.0, 0.5, 2.0})
      found(made_up(points, [&](double k) { return std::pow(factor, k); }), 0);
}

}  // namespace
}  // namespace etamax
