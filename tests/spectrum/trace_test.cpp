// Sums over all eigenvalues against dense matrices, over many seeds.
#include "etamax/spectrum/trace.h"

#include <gtest/gtest.h>

#include "dense.h"

namespace etamax {
namespace {

Traces traces(const Dense& a, const TraceOptions& options = {}) { return traces_of<Eigen::VectorXd>(a, options); }

TEST(Traces, AreWithinTheirIntervals) {
  int outside = 0, all = 0;
  for (const std::string& name : kSpectra) {
    const Eigen::VectorXd lambda = spectrum_named(name, 150);
    const Dense a = rotated(lambda, 4);
    const double rounding = 1e-10 * (1 + lambda.squaredNorm());
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Traces found = traces(a, {.products = 60, .seed = 1000 * seed});
      EXPECT_LE(found.products, 60u);
      EXPECT_GE(found.square.value, 0);
      outside += std::abs(found.trace.value - lambda.sum()) > found.trace.half_width() + rounding;
      outside += std::abs(found.square.value - lambda.squaredNorm()) > found.square.half_width() + rounding;
      all += 2;
    }
  }
  EXPECT_LE(outside, 0.09 * all);  // 5% are expected: of 320, 29 are 3.3 standard deviations more
}

TEST(Traces, TakeTheLargeEigenvaluesExactly) {
  Eigen::VectorXd lambda = Eigen::VectorXd::LinSpaced(200, -0.01, 0.01);
  lambda.head(8) << 100, 90, 80, 70, 60, 50, 40, -90;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Traces found = traces(rotated(lambda, 1), {.products = 60, .seed = seed});
    EXPECT_NEAR(found.trace.value, lambda.sum(), 0.5) << seed;  // plain samples: sqrt(2 * 44900 / 60) = 39 off
    EXPECT_LT(found.trace.half_width(), 0.5) << seed;
  }
}

TEST(Traces, OfSmallAndLowRankSpacesAreExact) {
  const Traces small = traces(rotated(Eigen::Vector3d(3, -1, 0.5), 2));
  EXPECT_NEAR(small.trace.value, 2.5, 1e-12);
  EXPECT_NEAR(small.square.value, 10.25, 1e-12);
  EXPECT_EQ(small.trace.half_width(), 0);
  const Traces low = traces(rotated(spectrum_named("low rank", 80), 2));
  EXPECT_NEAR(low.trace.value, 9, 1e-10);
  EXPECT_NEAR(low.square.value, 41, 1e-10);
  EXPECT_LT(low.trace.half_width(), 1e-10);
  EXPECT_EQ(low.directions, static_cast<std::size_t>((spectrum_named("low rank", 80).array() != 0).count()));
  const Traces zero = traces({Eigen::MatrixXd::Zero(20, 20)});
  EXPECT_EQ(zero.trace.value, 0);
  EXPECT_EQ(zero.trace.half_width(), 0);
}

TEST(Traces, StopWhenAsked) {
  const Dense a = rotated(spectrum_named("flat", 100), 1);
  int asked = 0;
  const TraceOptions options{.products = 30, .progress = [&](double) { return ++asked < 12; }};
  EXPECT_THROW(traces(a, options), Interrupted);
  EXPECT_EQ(asked, 12);
}

}  // namespace
}  // namespace etamax
