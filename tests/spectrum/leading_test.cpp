// The K largest eigenvalues against dense linear algebra and spectra that are known, over many starts.
#include "etamax/spectrum/leading.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

#include "dense.h"

namespace etamax {
namespace {

using Leading = LeadingResult<Eigen::VectorXd>;

Leading leading_of(const Dense& a, std::size_t count) {
  return leading_eigenvalues<Eigen::VectorXd>(a, {.count = count});
}

TEST(Leading, BoundsHoldTheEigenvaluesOfDenseMatrices) {
  constexpr int n = 120;
  for (const std::string& name : kSpectra) {
    const Eigen::VectorXd lambda = spectrum_named(name, n);
    const double rounding = 1e-12 * lambda.cwiseAbs().maxCoeff();
    for (unsigned seed = 0; seed < 5; ++seed) {
      const Dense a = rotated(lambda, seed);
      for (const std::size_t count : {1u, 2u, 3u, 5u, 9u}) {
        const Leading found = leading_eigenvalues<Eigen::VectorXd>(a, {.count = count, .seed = seed});
        ASSERT_EQ(found.eigenvalues.size(), count) << name;
        EXPECT_TRUE(found.reached_tolerance) << name << ' ' << count;
        for (std::size_t k = 0; k < count; ++k) {
          const LeadingEigenvalue& e = found.eigenvalues[k];
          const double exact = lambda[static_cast<Eigen::Index>(k)];
          EXPECT_LE(e.value, exact + rounding) << name << ' ' << count << ' ' << k;
          EXPECT_GE(e.upper, exact - rounding) << name << ' ' << count << ' ' << k;
          const Eigen::VectorXd& y = found.vectors[k];
          EXPECT_NEAR((a.matrix * y - e.value * y).norm(), e.residual, 1e-12) << name;
          for (std::size_t j = 0; j <= k; ++j) EXPECT_NEAR(found.vectors[j].dot(y), j == k ? 1 : 0, 1e-10) << name;
        }
        EXPECT_GE(found.upper_of_others, lambda[static_cast<Eigen::Index>(count)] - rounding) << name;
      }
    }
  }
}

TEST(Leading, AreNarrowWhereTheyStandApart) {
  const Eigen::VectorXd lambda = spectrum_named("outliers", 200);
  const Dense a = rotated(lambda, 3);
  const Leading found = leading_eigenvalues<Eigen::VectorXd>(a, {.count = 4});
  for (int k = 0; k < 4; ++k) {
    const LeadingEigenvalue& e = found.eigenvalues[static_cast<std::size_t>(k)];
    EXPECT_LT(e.upper - e.value, 1e-4 * lambda[k]) << k;  // by the square of the residual
  }
  EXPECT_LT(found.upper_of_others, 1.15);
  EXPECT_LE(found.products, 60u);
}

TEST(Leading, NoEigenvalueIsMissedThatAKrylovSpaceHoldsOnce) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Eigen::VectorXd lambda = Eigen::VectorXd::LinSpaced(80, 1, 0);
    lambda.head(4).setConstant(2);
    const Dense a = rotated(lambda, seed);
    const Leading found = leading_eigenvalues<Eigen::VectorXd>(a, {.count = 4, .tolerance = 1e-6, .seed = seed});
    for (const LeadingEigenvalue& e : found.eigenvalues) EXPECT_NEAR(e.value, 2, 1e-6) << seed;
    EXPECT_LT(found.upper_of_others, 1.2) << seed;
  }
}

TEST(Leading, OfAWishartMatrixAreItsDenseOnes) {
  const Eigen::MatrixXd x = gaussian(300, 100, 1);
  const Dense a{x.transpose() * x / 300};
  const Eigen::VectorXd exact = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(a.matrix).eigenvalues().reverse();
  const Leading found = leading_eigenvalues<Eigen::VectorXd>(a, {.count = 6, .tolerance = 1e-8});
  for (int k = 0; k < 6; ++k) EXPECT_NEAR(found.eigenvalues[static_cast<std::size_t>(k)].value, exact[k], 1e-12) << k;
  // The edge of the Marchenko-Pastur law, with the fluctuations of this size.
  EXPECT_NEAR(found.eigenvalues[0].value, std::pow(1 + std::sqrt(1.0 / 3), 2), 0.15);
}

TEST(Leading, SmallAndDegenerateSpaces) {
  for (int n = 1; n <= 6; ++n) {
    const Eigen::VectorXd lambda = Eigen::VectorXd::LinSpaced(n, 3, -2);
    const Leading all = leading_of(rotated(lambda, 5), 10);
    ASSERT_EQ(all.eigenvalues.size(), static_cast<std::size_t>(n));
    for (int k = 0; k < n; ++k) {
      const LeadingEigenvalue& e = all.eigenvalues[static_cast<std::size_t>(k)];
      EXPECT_NEAR(e.value, lambda[k], 1e-12);
      EXPECT_NEAR(e.upper, lambda[k], 1e-12);
    }
    EXPECT_EQ(all.upper_of_others, -std::numeric_limits<double>::infinity());
  }
  const Leading zero = leading_of({Eigen::MatrixXd::Zero(30, 30)}, 3);
  const Leading one = leading_of({Eigen::MatrixXd::Identity(30, 30)}, 3);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(zero.eigenvalues[k].value, 0);
    EXPECT_NEAR(one.eigenvalues[k].value, 1, 1e-14);
    EXPECT_NEAR(one.eigenvalues[k].upper, 1, 1e-8);
  }
}

TEST(Leading, HoldInSinglePrecision) {
  const Eigen::VectorXd lambda = spectrum_named("outliers", 150);
  const Dense a = rotated(lambda, 2);
  const auto found = leading_eigenvalues<Eigen::VectorXf>(a, {.count = 4});
  for (int k = 0; k < 4; ++k) {
    const LeadingEigenvalue& e = found.eigenvalues[static_cast<std::size_t>(k)];
    EXPECT_NEAR(e.value, lambda[k], 1e-3 * lambda[k]);
    EXPECT_GE(e.upper, lambda[k] - 1e-5 * lambda[0]);
  }
}

TEST(Leading, InterruptedTheyBoundWhatTheyCan) {
  const Dense a = rotated(spectrum_named("flat", 200), 2);
  for (int most = 1; most < 40; most += 3) {
    int asked = 0;
    LeadingOptions options{.count = 3};
    options.progress = [&](double) { return ++asked < most; };
    const Leading found = leading_eigenvalues<Eigen::VectorXd>(a, options);
    EXPECT_TRUE(found.interrupted || found.reached_tolerance) << most;
    for (std::size_t k = 0; k < found.eigenvalues.size(); ++k)
      EXPECT_LE(found.eigenvalues[k].value, spectrum_named("flat", 200)[static_cast<Eigen::Index>(k)] + 1e-12) << most;
    const bool has_bound = found.upper_of_others < 0.9;
    EXPECT_FALSE(has_bound && found.interrupted) << most;
  }
}

TEST(Leading, TheBoundIsTheLargerRootOfTheTwoByTwoMatrix) {
  for (const double theta : {-1.0, 0.5, 3.0})
    for (const double residual : {0.0, 1e-6, 0.1, 2.0})
      for (const double others : {-2.0, 0.4, 5.0}) {
        Eigen::Matrix2d m;
        m << theta, residual, residual, others;
        const double root = Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d>(m).eigenvalues()[1];
        if (theta > others)
          EXPECT_NEAR(upper_bound_of(theta, residual, others), root, 1e-12 * (1 + std::abs(root)));
        else
          EXPECT_GE(upper_bound_of(theta, residual, others), root - 1e-12);
      }
}

}  // namespace
}  // namespace etamax
