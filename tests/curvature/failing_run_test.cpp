// Why a run fails below the edge, on problems where that is known.
#include "etamax/curvature/failing_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../problem/least_squares.h"

namespace etamax {
namespace {

TEST(OnsetOfRise, IsWhereTheFirstLastingRiseBegins) {
  const auto onset = [](std::vector<double> losses) { return onset_of_rise(losses); };
  EXPECT_EQ(onset({}), std::nullopt);
  EXPECT_EQ(onset({3}), std::nullopt);
  EXPECT_EQ(onset({3, 2, 1, 0.5}), std::nullopt);
  EXPECT_EQ(onset({3, 2, 1, 1.8}), std::nullopt) << "less than half of what it had fallen";
  EXPECT_EQ(onset({3, 2, 1, 2.2}), 2);
  EXPECT_EQ(onset({3, 2, 1, 1.05, 1.4, 2.2, 0.5}), 3) << "the first tenth of the rise is not yet its beginning";
  EXPECT_EQ(onset({3, 1, 1.6, 1.2, 1.5, 4}), 3);
  EXPECT_EQ(onset({1.07, 2.7e-9, 0.9}), 1);
  EXPECT_EQ(onset({3, 3.2, 3.1}), std::nullopt) << "less than a tenth";
  EXPECT_EQ(onset({3, 3.4}), 0);
  EXPECT_EQ(onset({3, 2, INFINITY}), 1);
  EXPECT_EQ(onset({3, NAN}), 0);
  EXPECT_EQ(onset({-3, -4, -3.2}), 1);
}

/// (u v - 4)^2 / 2, a linear network of two weights. At (s, s), with r = s^2 - 4, the eigenvalues of its Hessian are
/// 2 s^2 + r along (1, 1) and -r along (1, -1); at every minimum the larger is at least 8.
class TwoWeights final : public DenseObjective {
 public:
  explicit TwoWeights(double u, double v) : DenseObjective(Eigen::Vector2d(u, v), {"u", "v"}) {}
  double value(const Eigen::VectorXd& x) override { return residual(x) * residual(x) / 2; }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return residual(x) * x.reverse(); }
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override { return hessian(x) * v; }
  static Eigen::Matrix2d hessian(const Eigen::VectorXd& x) {
    const double off = residual(x) + x[0] * x[1];
    return (Eigen::Matrix2d() << x[1] * x[1], off, off, x[0] * x[0]).finished();
  }

 private:
  static double residual(const Eigen::VectorXd& x) { return x[0] * x[1] - 4; }
};

FailingRun explained(Problem& problem, FailingRates rates, std::int64_t batch_size = 0) {
  ShortRunSettings settings;
  settings.batch_size = batch_size;
  settings.baseline = problem.objective().baseline();
  const Starts starts = starts_of(problem, 0, 1, settings);
  const RunRecord good = short_run(problem, rates.from / 8, starts.all.front(), settings);
  FailingRun failing;
  explain_failing_run(problem, rates, starts.all.front(), settings, {settings.baseline, good.loss, rates.from / 8}, {},
                      failing);
  return failing;
}

double edge_at(const Eigen::VectorXd& x) {
  return 2 / Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(TwoWeights::hessian(x)).eigenvalues().maxCoeff();
}

/// The lowest of many rates at which the run from where the problem is leaves every bounded region.
double diverges_at(Problem& problem, double from) {
  const Starts starts = starts_of(problem, 0, 1, {});
  double lr = from;
  while (short_run(problem, lr, starts.all.front(), {}).loss) lr *= 1.05;
  return lr;
}

TEST(FailingRun, OfTwoWeightsFailsBecauseTheSharpnessGrows) {
  TwoWeights f(0.9, 0.6);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Eigen::VectorXd start = entries(f.parameters());
  const double lr = diverges_at(problem, 0.25);
  ASSERT_GT(edge_at(start), lr);
  const FailingRun failing = explained(problem, {lr, edge_at(start)});
  EXPECT_EQ(entries(f.parameters()), start);
  EXPECT_EQ(failing.cause, FailureCause::curvature);
  ASSERT_EQ(failing.dithered.size(), 3u);
  for (const RunRecord& run : failing.dithered) EXPECT_NE(run.verdict, Verdict::trains);
  // The steps by hand.
  Eigen::VectorXd x = start;
  long step = 0;
  ASSERT_FALSE(failing.looks.empty());
  for (const StepLook& look : failing.looks) {
    for (; step < look.step; ++step) x -= failing.lr * f.gradient_at(x);
    const Eigen::VectorXd moved = -failing.lr * f.gradient_at(x);
    EXPECT_NEAR(look.loss, f.value(x), 1e-12);
    EXPECT_NEAR(look.loss_after, f.value(x + moved), 1e-9);
    EXPECT_NEAR(look.length, moved.norm(), 1e-12);
    EXPECT_NEAR(look.edge.upper.value(), edge_at(x), 1e-6 * edge_at(x));
    EXPECT_NEAR(look.predicted, f.gradient_at(x).dot(moved) + moved.dot(f.hessian(x) * moved) / 2, 1e-9);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(f.hessian(x));
    const Eigen::VectorXd top = eigen.eigenvectors().rightCols(1);
    const double along = top.dot(moved);
    EXPECT_NEAR(look.along, top.dot(f.gradient_at(x)) * along + eigen.eigenvalues()[1] * along * along / 2, 1e-6);
  }
  ASSERT_TRUE(failing.explained && failing.held);
  const StepLook* const look = look_at(failing, failing.explained);
  ASSERT_NE(look, nullptr);
  EXPECT_LT(*look->edge.upper, failing.lr);
  EXPECT_GT(look->loss_after, look->loss);
  EXPECT_GE(look->along, look->predicted / 2);
  EXPECT_GE(*look->edge.upper, *look->edge.lower);
  for (const StepLook& before : failing.looks) {
    if (before.step >= *failing.explained) break;
    EXPECT_FALSE(before.loss_after > before.loss && *before.edge.upper < failing.lr &&
                 before.along >= before.predicted / 2 && before.predicted > 0)
        << before.step;
  }
  // Held at 0.7 of the edge, by hand: the rates are those, the loss goes to 0.
  EXPECT_EQ(failing.held->run.verdict, Verdict::trains);
  EXPECT_NEAR(*failing.held->run.loss, 0, 1e-9);
  x = start;
  double lowest = failing.lr;
  for (long k = 0; k < failing.held->run.steps; ++k) {
    const double held_lr = k < failing.held->from ? failing.lr : std::min(failing.lr, 0.7 * edge_at(x));
    lowest = std::min(lowest, held_lr);
    x -= held_lr * f.gradient_at(x);
  }
  EXPECT_NEAR(failing.held->lowest_lr, lowest, 1e-6 * lowest);
  EXPECT_NEAR(f.value(x), 0, 1e-9);
  EXPECT_EQ(failing.held_from_start, std::nullopt);
  ASSERT_TRUE(failing.direction_out.has_value());
}

TEST(FailingRun, IsTheCurvaturesDoingWhereARunCappedByHandTrains) {
  int curvature = 0, other = 0, unclear = 0;
  for (const double momentum : {0.0, 0.5, 0.9})
    for (const double u : {0.2, 0.7, 0.9, 1.2}) {
      SCOPED_TRACE(fmt::format("momentum {}, u {}", momentum, u));
      TwoWeights f(u, u / 2);
      DenseProblem problem(f, make_optimizer("sgd", {{"momentum", momentum}}));
      Eigen::VectorXd x = entries(f.parameters()), velocity = Eigen::Vector2d::Zero();
      const double lr = diverges_at(problem, (1 + momentum) / 8);
      const FailingRun failing = explained(problem, {lr, 3 * lr});
      for (int k = 0; k < 200 && x.norm() < 1e6; ++k) {
        velocity = momentum * velocity + f.gradient_at(x);
        x -= std::min(failing.lr, 0.7 * (1 + momentum) * edge_at(x)) * velocity;
      }
      ++(f.value(x) < 1 ? curvature : other);
      unclear += failing.cause == FailureCause::unclear ? 1 : 0;
      EXPECT_NE(failing.cause, f.value(x) < 1 ? FailureCause::other : FailureCause::curvature) << failing.lr;
    }
  EXPECT_GE(curvature, 4);
  EXPECT_GE(other, 1) << "velocity from before the edge was low";
  EXPECT_LE(unclear, 1);
}

TEST(FailingRun, ThatFailsByASingleExampleIsNotCalledTheCurvaturesDoing) {
  // One row is a hundred times as curved as the others: steps on it alone diverge far below the edge of them all.
  Eigen::MatrixXd a(20, 4);
  for (Eigen::Index i = 0; i < a.size(); ++i) a.data()[i] = std::sin(static_cast<double>(i * i));
  a.row(7) *= 10;
  testing::LeastSquares f(a, a * Eigen::Vector4d(1, -2, 0.5, 1));
  DenseProblem problem(f, make_optimizer("gd", {}));
  const double lambda = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(f.hessian()).eigenvalues().maxCoeff();
  const double alone = 2 * a.row(7).squaredNorm();
  ASSERT_GT(alone, 15 * lambda);
  const FailingRun failing = explained(problem, {6 / alone, 2 / lambda}, 1);
  EXPECT_EQ(failing.cause, FailureCause::other);
  ASSERT_TRUE(failing.held_from_start.has_value());
  EXPECT_EQ(failing.held_from_start->steps, 0) << "its edge never moves";
  EXPECT_NE(failing.held_from_start->run.verdict, Verdict::trains);
  EXPECT_EQ(failing.direction_out, std::nullopt);
  ASSERT_TRUE(failing.onset && look_at(failing, failing.onset));
}

TEST(FailingRun, WhereChanceDecidesNothingIsSaid) {
  // All runs from here on train: that at the rate "that fails" too.
  TwoWeights f(0.5, 0.3);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const FailingRun failing = explained(problem, {0.1, 0.2});
  EXPECT_EQ(failing.cause, FailureCause::unclear);
  EXPECT_EQ(failing.lr, 0.1);
  EXPECT_EQ(failing.held, std::nullopt);
  EXPECT_EQ(failing.held_from_start, std::nullopt);
  EXPECT_TRUE(failing.looks.empty());
}

}  // namespace
}  // namespace etamax
