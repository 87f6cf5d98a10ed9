#include "etamax/draw/contour.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etamax {
namespace {

template <typename F>
ContourGrid sampled(F f, double low, double high, int n) {
  ContourGrid grid{low, high, low, high, n, n, {}};
  for (int row = 0; row < n; ++row)
    for (int column = 0; column < n; ++column)
      grid.value.push_back(f(low + (high - low) * column / (n - 1), low + (high - low) * row / (n - 1)));
  return grid;
}

double area(const std::vector<Point2>& ring) {
  double twice = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point2 a = ring[i], b = ring[(i + 1) % ring.size()];
    twice += a.x * b.y - b.x * a.y;
  }
  return twice / 2;
}

}  // namespace

TEST(Contour, ACircleIsACircle) {
  const ContourGrid grid = sampled([](double x, double y) { return x * x + y * y; }, -2, 2, 81);
  const auto rings = contour_rings(grid, 1);
  ASSERT_EQ(rings.size(), 1u);
  // Linear interpolation of r^2 on cells of width 0.05 is off by at most h^2 / 4 in r.
  for (const Point2 p : rings[0]) EXPECT_NEAR(std::hypot(p.x, p.y), 1, 0.05 * 0.05 / 4);
  EXPECT_NEAR(area(rings[0]), M_PI, 0.01);  // positive: the region lies to the left
}

TEST(Contour, RingsCloseAlongTheBorder) {
  const ContourGrid grid = sampled([](double x, double) { return x; }, -1, 1, 21);
  const auto rings = contour_rings(grid, 0.25);
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_NEAR(area(rings[0]), 1.25 * 2, 1e-9);
}

TEST(Contour, TwoValleysTwoRingsAndAHole) {
  const ContourGrid valleys = sampled([](double x, double y) { return std::pow(x * x - 1, 2) + y * y; }, -2, 2, 81);
  EXPECT_EQ(contour_rings(valleys, 0.5).size(), 2u);
  EXPECT_EQ(contour_rings(valleys, 1.5).size(), 1u);
  const ContourGrid moat = sampled([](double x, double y) { return std::abs(std::hypot(x, y) - 1); }, -2, 2, 81);
  const auto rings = contour_rings(moat, 0.3);
  ASSERT_EQ(rings.size(), 2u);
  EXPECT_NEAR(area(rings[0]) + area(rings[1]), M_PI * (1.3 * 1.3 - 0.7 * 0.7), 0.03);
}

TEST(Contour, ASaddleIsJoinedOrPartedByItsMiddle) {
  for (const double level : {-0.1, 0.1}) {
    const ContourGrid grid =
        sampled([](double x, double y) { return x * y; }, -1, 1, 10);  // the saddle is inside a cell
    const auto rings = contour_rings(grid, level);
    EXPECT_EQ(rings.size(), level < 0 ? 2u : 1u) << level;
  }
}

TEST(Contour, WhatIsNoNumberIsOutside) {
  const ContourGrid grid = sampled([](double x, double y) { return x < 0 ? std::nan("") : x * x + y * y; }, -2, 2, 41);
  for (const auto& ring : contour_rings(grid, 1))
    for (const Point2 p : ring) EXPECT_GE(p.x, -1e-12);
  EXPECT_FALSE(contour_rings(grid, 1).empty());
}

TEST(Contour, LevelsSuitTheRange) {
  const auto rosenbrock = [](double x, double y) { return std::pow(1 - x, 2) + 100 * std::pow(y - x * x, 2); };
  const std::vector<double> wide = contour_levels(sampled(rosenbrock, -2, 2, 121));
  EXPECT_GE(wide.size(), 5u);
  EXPECT_LE(wide.size(), 14u);
  EXPECT_LT(wide[1] / wide[0], 4);  // ratios, not steps
  EXPECT_GT(wide.back() / wide.front(), 100);
  const std::vector<double> even = contour_levels(sampled([](double x, double) { return 5 + x; }, -1, 1, 41));
  ASSERT_GE(even.size(), 4u);
  EXPECT_NEAR(even[1] - even[0], even[2] - even[1], 1e-9);
  EXPECT_TRUE(contour_levels(sampled([](double, double) { return 3.0; }, -1, 1, 5)).empty());
  EXPECT_TRUE(contour_levels(sampled([](double, double) { return std::nan(""); }, -1, 1, 5)).empty());
}

}  // namespace etamax
