// The edge of steps whose curvature is drawn anew each time, against closed forms and the recursion of their second
// moments.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

TEST(MiniBatchEdge, WithoutMomentumIsTheClosedForm) {
  const OptimizerSpec& gd = find_optimizer("gd");
  for (const double lambda : {0.1, 1.0, 40.0})
    for (const double relative : {0.01, 1.0, 300.0}) {
      const double variance = relative * lambda * lambda;
      EXPECT_NEAR(*mini_batch_edge(gd, hyperparameter_values(gd, {}), lambda, variance) * (lambda * lambda + variance) /
                      (2 * lambda),
                  1, 1e-5);
    }
}

/// Log growth of the second moments of x' = (1 + mu - lr h) x - mu y, y' = x with h of this mean and variance:
/// over the later ones of many steps, when the start no longer matters.
double growth(double mu, double lr, double lambda, double variance) {
  const double mean = 1 + mu - lr * lambda, square = mean * mean + lr * lr * variance;
  double xx = 1, xy = 0.3, yy = 1, log_size = 0;
  for (int i = 0; i < 20000; ++i) {
    const double a = square * xx - 2 * mu * mean * xy + mu * mu * yy, b = mean * xx - mu * xy;
    yy = xx, xx = a, xy = b;
    const double size = std::abs(xx) + std::abs(xy) + std::abs(yy);
    if (i >= 10000) log_size += std::log(size);
    xx /= size, xy /= size, yy /= size;
  }
  return log_size;
}

TEST(MiniBatchEdge, WithMomentumIsWhereTheSecondMomentsStopShrinking) {
  const OptimizerSpec& sgd = find_optimizer("sgd");
  for (const double mu : {0.5, 0.9})
    for (const double relative : {0.1, 1.0, 100.0}) {
      const double lambda = 3, variance = relative * lambda * lambda;
      const double edge = *mini_batch_edge(sgd, hyperparameter_values(sgd, {{"momentum", mu}}), lambda, variance);
      EXPECT_LT(growth(mu, 0.995 * edge, lambda, variance), 0) << mu << " " << relative;
      EXPECT_GT(growth(mu, 1.005 * edge, lambda, variance), 0) << mu << " " << relative;
    }
}

TEST(MiniBatchEdge, SmallBatchesWithMomentumLoseFarMoreThanTheClassicalFormulaSays) {
  // At heavy noise the edge is that of plain SGD at the effective rate lr / (1 - mu), so 19 times below 2 (1 + mu).
  const OptimizerSpec &sgd = find_optimizer("sgd"), &gd = find_optimizer("gd");
  const double with = *mini_batch_edge(sgd, hyperparameter_values(sgd, {{"momentum", 0.9}}), 1, 1e4);
  const double without = *mini_batch_edge(gd, hyperparameter_values(gd, {}), 1, 1e4);
  EXPECT_LT(with, 1.2 * without);
}

}  // namespace
}  // namespace etamax
