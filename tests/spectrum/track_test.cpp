// The tracked eigenvalue against the true one, while the operator drifts, turns and jumps.
#include "etamax/spectrum/track.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "etamax/spectrum/eigen_space.h"

namespace etamax {
namespace {

struct Dense {
  Eigen::MatrixXd entries;
  std::size_t dim() const { return static_cast<std::size_t>(entries.rows()); }
  void apply(const Eigen::VectorXd& in, Eigen::VectorXd& out) const { out = entries * in; }
  double largest() const { return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(entries).eigenvalues().maxCoeff(); }
};

/// Three outliers, the rest between -1.5 and 1; at time t the eigenvectors have turned and the outliers
/// grown.
Dense at_time(double t) {
  constexpr int n = 60;
  std::srand(1);
  const Eigen::MatrixXd random = Eigen::MatrixXd::Random(n, n), turn = random - random.transpose();
  const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(n, n);
  const Eigen::MatrixXd q = (one - t / 100 * turn).inverse() * (one + t / 100 * turn);  // Cayley: orthogonal
  Eigen::VectorXd lambda = Eigen::VectorXd::LinSpaced(n, -1.5, 1);
  lambda.tail<3>() << 2 + t, 3, 4 + t;
  return {q * lambda.asDiagonal() * q.transpose()};
}

TEST(Track, FollowsADriftingOperatorAtOneOrTwoProducts) {
  for (const std::size_t products : {1u, 2u, 3u}) {
    EigenvalueTracker<Eigen::VectorXd> tracker({products, 1e-2, 0.25, 100, 0});
    for (int k = 0; k <= 50; ++k) {
      Dense a = at_time(0.02 * k);
      const auto look = tracker.look(a);
      const double truth = a.largest();
      EXPECT_EQ(look.in_full, k == 0);
      EXPECT_TRUE(k == 0 || look.products == products);
      EXPECT_LE(look.value, truth + 1e-12);
      EXPECT_GE(look.value, truth * (products == 1 ? 0.95 : 0.98)) << products << " products, look " << k;
    }
  }
}

TEST(Track, TheLargestNotTheLargestInMagnitude) {
  // -9 would draw a plain power method to itself.
  Dense a{Eigen::MatrixXd(Eigen::Vector4d(-9, 1, 2, 3).asDiagonal())};
  EigenvalueTracker<Eigen::VectorXd> tracker;
  for (int k = 0; k < 200; ++k) EXPECT_NEAR(tracker.look(a).value, 3, 0.05);
  EXPECT_NEAR(tracker.look(a).value, 3, 1e-9);
}

TEST(Track, LooksAgainInFullAfterAJump) {
  EigenvalueTracker<Eigen::VectorXd> tracker;
  Dense a = at_time(0), b{Eigen::MatrixXd(a.entries.reverse())};
  b.entries *= 7;
  tracker.look(a);
  const auto look = tracker.look(b);
  EXPECT_TRUE(look.in_full);
  EXPECT_NEAR(look.value / b.largest(), 1, 1e-2);
}

TEST(Track, TakesMoreProductsAfterAJumpAndOnlyThere) {
  TrackOptions options;
  options.products = 2;
  options.most_products = 12;
  options.lost = 0.5;
  EigenvalueTracker<Eigen::VectorXd> tracker(options);
  Dense a = at_time(0), b{Eigen::MatrixXd(a.entries.reverse())};
  b.entries *= 7;
  for (int k = 0; k < 12; ++k) {
    Dense& now = k % 6 < 3 ? a : b;
    const auto look = tracker.look(now);
    if (k == 0) continue;
    EXPECT_LE(look.value, now.largest() * (1 + 1e-12)) << k;
    EXPECT_GE(look.value, 0.9 * now.largest()) << k;
    EXPECT_LE(look.residual, 0.1 * look.value) << k;
    EXPECT_EQ(look.in_full, k % 6 == 0) << k;  // where the value falls it may be another eigenvector's
    EXPECT_EQ(look.products > 2, k % 3 == 0) << k;
  }
}

TEST(Track, MakesNoMoreProductsThanAreAllowedAndSaysWhereTheyDoNotSuffice) {
  for (const std::size_t keep : {0u, 6u, 100u})
    for (const std::size_t allowed : {1u, 2u, 3u, 5u, 10u, 20u, 40u, 200u}) {
      SCOPED_TRACE(::testing::Message() << allowed << " products, " << keep << " vectors kept");
      TrackOptions options;
      options.products = 2;
      options.most_products = 6;
      options.keep = keep;
      EigenvalueTracker<Eigen::VectorXd> tracker(options);
      Dense a = at_time(0), b{Eigen::MatrixXd(a.entries.reverse())};
      b.entries *= 0.2;  // falls by more than `lost`: done again in full, where that is allowed
      for (Dense* now : {&a, &b}) {
        const auto look = tracker.look(*now, allowed);
        EXPECT_LE(look.products, allowed);
        EXPECT_LE(look.value, now->largest() * (1 + 1e-12));
        EXPECT_TRUE(look.astray || look.residual <= options.lost * look.value) << look.residual;
        if (allowed == 200) {
          EXPECT_FALSE(look.astray);
          EXPECT_NEAR(look.value / now->largest(), 1, 1e-2);
        }
        EXPECT_TRUE(look.astray || allowed >= 3);
      }
    }
}

TEST(Track, ExactWhereTheVectorIsAnEigenvector) {
  Dense a{Eigen::MatrixXd::Identity(5, 5) * 2};
  EigenvalueTracker<Eigen::VectorXd> tracker({2, 1e-2, 0.25, 100, 0});
  for (int k = 0; k < 3; ++k) {
    const auto look = tracker.look(a);
    EXPECT_NEAR(look.value, 2, 1e-12);
    EXPECT_EQ(look.residual, 0);
  }
}

}  // namespace
}  // namespace etamax
