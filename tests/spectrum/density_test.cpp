// The distribution of eigenvalues by quadrature: moments, traces and shares against matrices whose spectra are known.
#include "etamax/spectrum/density.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "dense.h"

namespace etamax {
namespace {

SpectralDensity density_of(const Dense& a, const DensityOptions& options) {
  return spectral_density<Eigen::VectorXd>(a, options);
}

TEST(Quadratures, HaveTheMomentsOfTheirStarts) {
  const Dense a = rotated(Eigen::VectorXd::LinSpaced(60, -1, 2), 1);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    LanczosRecurrence<Eigen::VectorXd, const Dense> lanczos(a, seed);
    const Eigen::VectorXd start = lanczos.basis_vector();
    constexpr int kSteps = 8;
    for (int k = 0; k < kSteps; ++k) lanczos.step();
    const Quadrature found = quadrature_of(lanczos.coefficients());
    Eigen::VectorXd power = start;
    for (int j = 0; j <= 2 * kSteps - 1; ++j) {
      const double exact = start.dot(power);
      EXPECT_NEAR(found.mean([&](double x) { return std::pow(x, j); }), exact, 1e-12 * std::pow(2, j)) << j;
      power = a.matrix * power;
    }
  }
}

TEST(Quadratures, HaveAnEigenvalueWithinTheResidualOfEachNode) {
  for (const std::string& name : kSpectra) {
    const Eigen::VectorXd lambda = spectrum_named(name, 200);
    const double size = lambda.cwiseAbs().maxCoeff();
    double widest = 0;
    for (const Quadrature& q : density_of(rotated(lambda, 3), {.starts = 4, .steps = 25}).of_starts) {
      ASSERT_EQ(q.residuals.size(), q.nodes.size());
      for (std::size_t i = 0; i < q.nodes.size(); ++i) {
        EXPECT_LE((lambda.array() - q.nodes[i]).abs().minCoeff(), q.residuals[i] + 1e-10 * size) << name;
        widest = std::max(widest, q.residuals[i]);
      }
    }
    EXPECT_LE(widest, size) << name;
  }
}

// With few starts and few large eigenvalues the errors are those of a skewed distribution, and too small now and then.
TEST(Density, TracesAreRightOverManyStarts) {
  for (const std::string& name : kSpectra) {
    const Eigen::VectorXd lambda = spectrum_named(name, 100);
    const SpectralDensity found = density_of(rotated(lambda, 4), {.starts = 400, .steps = 20, .seed = 1});
    for (const Quadrature& q : found.of_starts) EXPECT_NEAR(q.mean([](double) { return 1.0; }), 1, 1e-12) << name;
    const SpectralDensity::Share trace = found.mean([](double x) { return x; });
    const SpectralDensity::Share square = found.mean([](double x) { return x * x; });
    EXPECT_NEAR(trace.mean, lambda.mean(), 4 * trace.error + 1e-12) << name;
    EXPECT_NEAR(square.mean, lambda.squaredNorm() / 100, 4 * square.error + 1e-12) << name;
    // The variance of q' A q over unit vectors q of n dimensions is 2 (|A|^2 - trace^2 / n) / (n (n + 2)).
    const double variance = 2 * (lambda.squaredNorm() - 100 * std::pow(lambda.mean(), 2)) / (100 * 102.0);
    EXPECT_NEAR(trace.error, std::sqrt(variance / 400), 0.25 * std::sqrt(variance / 400)) << name;
  }
}

TEST(Density, SharesAreThoseOfTheSpectrum) {
  for (const std::string& name : kSpectra) {
    constexpr int n = 400;
    const Eigen::VectorXd lambda = spectrum_named(name, n);
    const SpectralDensity found = density_of(rotated(lambda, 2), {.starts = 20, .steps = 60});
    const double low = lambda.minCoeff(), high = lambda.maxCoeff();
    for (double at = 0.05; at < 1; at += 0.1) {
      const double x = low + at * (high - low);
      const auto exact = static_cast<double>((lambda.array() <= x).count()) / n;
      const SpectralDensity::Share share = found.share_below(x);
      // A node stands for a part of the line: of 60 in a dense spectrum, some 3% of it at either side.
      EXPECT_NEAR(share.mean, exact, 4 * share.error + 0.03) << name << ' ' << at;
    }
  }
}

TEST(Density, OfAWishartMatrixIsTheLawOfMarchenkoAndPastur) {
  constexpr int rows = 1600, n = 400;
  const Eigen::MatrixXd x = gaussian(rows, n, 3);
  const SpectralDensity found = density_of({x.transpose() * x / rows}, {.starts = 10, .steps = 60});
  constexpr double ratio = static_cast<double>(n) / rows, low = 0.25, high = 2.25;  // (1 -+ sqrt(ratio))^2
  double share = 0, at = low;
  constexpr double kStep = 1e-4;
  for (const double until : {0.5, 0.8, 1.0, 1.4, 1.9}) {
    for (; at < until; at += kStep)
      share += kStep * std::sqrt((high - at) * (at - low)) / (2 * std::numbers::pi * ratio * at);
    EXPECT_NEAR(found.share_below(until).mean, share, 0.04) << until;
  }
}

TEST(Density, EndsWhereTheSpaceIsUsedUp) {
  const SpectralDensity one = density_of({Eigen::MatrixXd::Identity(30, 30)}, {.starts = 3, .steps = 50});
  EXPECT_EQ(one.products, 3u);
  EXPECT_EQ(one.share_below(1 - 1e-9).mean, 0);
  EXPECT_NEAR(one.share_below(1 + 1e-9).mean, 1, 1e-12);
  const SpectralDensity small = density_of(rotated(Eigen::Vector3d(3, 1, -2), 1), {.starts = 4, .steps = 50});
  EXPECT_LE(small.products, 12u);
  for (const Quadrature& q : small.of_starts) {
    ASSERT_EQ(q.nodes.size(), 3u);
    EXPECT_NEAR(q.nodes[0], -2, 1e-12);
    EXPECT_NEAR(q.nodes[2], 3, 1e-12);
  }
}

TEST(Density, InterruptedItKeepsWholeStarts) {
  const Dense a = rotated(spectrum_named("flat", 100), 1);
  for (int most = 1; most < 60; most += 7) {
    int asked = 0;
    const SpectralDensity found =
        density_of(a, {.starts = 3, .steps = 20, .progress = [&](double) { return ++asked < most; }});
    EXPECT_TRUE(found.interrupted);
    EXPECT_EQ(found.products, static_cast<std::size_t>(most));
    EXPECT_EQ(found.of_starts.size(), static_cast<std::size_t>((most - 1) / 20)) << most;
  }
  EXPECT_FALSE(density_of(a, {.starts = 3, .steps = 20}).interrupted);
}

TEST(Density, BrokenOffWithinAProductItKeepsWholeStarts) {
  const Dense a = rotated(spectrum_named("flat", 100), 1);
  const SpectralDensity whole = density_of(a, {.starts = 3, .steps = 20});
  for (std::size_t most = 0; most < 60; most += 7) {
    BrokenOff broken{a, most};
    const auto found = spectral_density<Eigen::VectorXd>(broken, {.starts = 3, .steps = 20});
    EXPECT_TRUE(found.interrupted);
    EXPECT_EQ(found.products, most);
    ASSERT_EQ(found.of_starts.size(), most / 20) << most;
    for (std::size_t i = 0; i < found.of_starts.size(); ++i)
      EXPECT_EQ(found.of_starts[i].nodes, whole.of_starts[i].nodes);
  }
}

}  // namespace
}  // namespace etamax
