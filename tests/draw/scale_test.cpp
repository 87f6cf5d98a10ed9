#include "etamax/draw/scale.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "etamax/draw/drawing.h"

namespace etamax {
namespace {

double extent(const std::string& text) { return text_width(text, 11); }

/// 1, 2, 3 or 5 times a power of ten, or on an axis of less than a decade any one-digit multiple of a nice
/// step.
bool is_decade_number(double value) {
  const double mantissa = value / std::pow(10.0, std::floor(std::log10(value) + 1e-9));
  return std::abs(mantissa - std::round(mantissa)) < 1e-6;
}

void expect_good_ticks(const Scale& scale, double length, double gap) {
  const std::vector<Tick> ticks = axis_ticks(scale, length, gap, extent);
  double end = -1e300, last = -1;
  int labelled = 0;
  for (const Tick& tick : ticks) {
    const double position = scale.position(tick.value);
    RC_ASSERT(position >= -1e-6);
    RC_ASSERT(position <= 1 + 1e-6);
    RC_ASSERT(position > last);
    last = position;
    if (tick.label.empty()) continue;
    ++labelled;
    const double half = extent(tick.label) / 2;
    if (labelled > 1) RC_ASSERT(position * length - half >= end + gap - 1e-6);
    end = position * length + half;
    RC_ASSERT(std::abs(std::strtod(tick.label.c_str(), nullptr) - tick.value) <=
              1e-9 * std::abs(tick.value) + 1e-9 * std::abs(scale.value(1) - scale.value(0)));
  }
  RC_ASSERT(labelled >= 1);
  RC_ASSERT(labelled <= 12);
}

}  // namespace

TEST(Scale, PositionAndValueAreInverse) {
  for (const Scale& scale : {linear_scale(-3, 5), log_scale(-3, 2), linear_scale(-1e300, 1e300), log_scale(-323, 308)})
    for (const double position : {0.0, 0.25, 0.5, 1.0})
      EXPECT_NEAR(scale.position(scale.value(position)), position, 1e-3) << scale.low;
}

TEST(Scale, ASymmetricLogarithmicOneIsOddAndItsInverse) {
  const Scale scale = symmetric_log_scale(-100, 100, 0.01);
  EXPECT_EQ(scale.position(-100), 0);
  EXPECT_EQ(scale.position(100), 1);
  EXPECT_EQ(scale.position(0), 0.5);
  for (const double x : {-50.0, -0.1, -1e-3, 2e-4, 0.03, 7.0}) {
    EXPECT_NEAR(scale.value(scale.position(x)), x, 1e-9 * std::abs(x)) << x;
    EXPECT_NEAR(scale.position(x) + scale.position(-x), 1, 1e-12) << x;
  }
  EXPECT_NEAR(scale.position(100) - scale.position(10), scale.position(10) - scale.position(1), 1e-3) << "decades";
}

TEST(Scale, TheTicksOfASymmetricLogarithmicOneAreZeroAndDecades) {
  const auto ticks = [](double length) {
    std::string labels;
    for (const Tick& tick : axis_ticks(symmetric_log_scale(-30, 300, 0.1), length, 8,
                                       [](const std::string& text) { return 7.0 * static_cast<double>(text.size()); }))
      labels += tick.label + " ";
    return labels;
  };
  EXPECT_EQ(ticks(1000), "-10 -1 -0.1 0 0.1 1 10 100 ");
  EXPECT_EQ(ticks(10), "0 ");
}

TEST(Scale, NothingIsPlacedNowhere) {
  EXPECT_TRUE(std::isnan(log_scale(-1, 1).position(0)));
  EXPECT_TRUE(std::isnan(log_scale(-1, 1).position(-1)));
  EXPECT_TRUE(std::isfinite(log_scale(-1, 1).position(INFINITY)));
  EXPECT_TRUE(std::isfinite(linear_scale(0, 1e-320).position(1e300)));
  EXPECT_LT(linear_scale(5, 5).low, linear_scale(5, 5).high);
  EXPECT_LT(linear_scale(0, 0).low, linear_scale(0, 0).high);
}

TEST(Scale, TheTicksThatAPersonWouldChoose) {
  const auto labels = [](const Scale& scale, double length) {
    std::string all;
    for (const Tick& tick : axis_ticks(scale, length, 14, extent))
      if (!tick.label.empty()) all += (all.empty() ? "" : " ") + tick.label;
    return all;
  };
  EXPECT_EQ(labels(linear_scale(-2.5, 3.5), 300), "-2 -1 0 1 2 3");
  EXPECT_EQ(labels(linear_scale(0, 1), 300), "0 0.2 0.4 0.6 0.8 1.0");
  EXPECT_EQ(labels(log_scale(-3, 0), 400), "0.001 0.003 0.01 0.03 0.1 0.3 1");
  EXPECT_EQ(labels(log_scale(-12, 0), 500), "1e-12 1e-10 1e-8 1e-6 0.0001 0.01 1");
  EXPECT_EQ(labels(log_scale(-300, 300), 500), "1e-300 1e-200 1e-100 1 1e100 1e200 1e300");
}

RC_GTEST_PROP(Scale, LinearTicksCoverAreOrderedAndNeverTouch, ()) {
  const double center = *rc::gen::inRange(-1000000, 1000001) * std::pow(10.0, *rc::gen::inRange(-250, 250));
  const double half = *rc::gen::inRange(1, 1000001) * std::pow(10.0, *rc::gen::inRange(-250, 250));
  expect_good_ticks(linear_scale(center - half, center + half), *rc::gen::inRange(150, 1200), 12);
}

RC_GTEST_PROP(Scale, LogarithmicTicksCoverAreOrderedAndNeverTouch, ()) {
  const double low = *rc::gen::inRange(-323000, 300000) / 1000.0,
               span = std::pow(10.0, *rc::gen::inRange(-700, 2750) / 1000.0);
  const Scale scale = log_scale(low, std::min(low + span, 308.0));
  expect_good_ticks(scale, *rc::gen::inRange(150, 1200), 12);
  if (scale.high - scale.low > 1.5)
    for (const Tick& tick : axis_ticks(scale, 800, 12, extent))
      RC_ASSERT(is_decade_number(tick.value) || tick.value < 1e-307);
}

}  // namespace etamax
