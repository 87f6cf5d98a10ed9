// On random quadratics everything is known from dense linear algebra: the edge, the verdict on both sides of it, the
// rate.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <random>

#include "etamax/explain/stability.h"

namespace etamax {
namespace {

/// (x - center)' H (x - center) / 2 + offset: the smallest objective that a user would write.
class Quadratic final : public Differentiable {
 public:
  Quadratic(Eigen::MatrixXd hessian, Eigen::VectorXd center)
      : hessian_(std::move(hessian)), center_(std::move(center)) {}
  int dimension() const override { return static_cast<int>(center_.size()); }
  double value(std::span<const double> x) const override {
    const Eigen::VectorXd d = view(x) - center_;
    return d.dot(hessian_ * d) / 2 + 3;
  }
  void gradient(std::span<const double> x, std::span<double> gradient) const override {
    Eigen::Map<Eigen::VectorXd>(gradient.data(), center_.size()) = hessian_ * (view(x) - center_);
  }
  void hessian(std::span<const double>, std::span<double> hessian) const override {
    Eigen::Map<Eigen::MatrixXd>(hessian.data(), center_.size(), center_.size()) = hessian_;
  }
  std::optional<DomainFault> domain_fault(std::span<const double>) const override { return {}; }

 private:
  static Eigen::Map<const Eigen::VectorXd> view(std::span<const double> x) {
    return {x.data(), static_cast<Eigen::Index>(x.size())};
  }
  Eigen::MatrixXd hessian_;
  Eigen::VectorXd center_;
};

struct Sample {
  Quadratic objective;
  std::vector<double> start;
  double smallest, largest;
};

/// A rotation of eigenvalues spread over up to four decades, around a random center, from a random start.
Sample sample(std::mt19937& random, int n) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(-2, 2);
  const auto fill = [&](auto&& m) { m = m.unaryExpr([&](double) { return normal(random); }); };
  Eigen::MatrixXd a(n, n);
  Eigen::VectorXd lambda(n), center(n);
  fill(a);
  fill(center);
  const Eigen::MatrixXd q = a.householderQr().householderQ();
  for (double& l : lambda) l = std::pow(10.0, uniform(random));
  Eigen::MatrixXd h = q * lambda.asDiagonal() * q.transpose();
  h = (h + h.transpose()) / 2;
  std::vector<double> start(static_cast<std::size_t>(n));
  for (double& x : start) x = 3 * normal(random);
  return {Quadratic(h, center), start, lambda.minCoeff(), lambda.maxCoeff()};
}

struct Rule {
  std::string optimizer;
  std::vector<std::pair<std::string, double>> settings;
  double (*edge)(double lambda);
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = {
      {"gd", {}, [](double l) { return 2 / l; }},
      {"sgd", {{"momentum", 0.9}}, [](double l) { return 3.8 / l; }},
      {"sgd", {{"momentum", 0.9}, {"nesterov", 1}}, [](double l) { return 3.8 / (2.8 * l); }},
      {"sgd", {{"momentum", 0.5}, {"dampening", 0.5}}, [](double l) { return 6 / l; }},
      {"sgd", {{"weight_decay", 0.1}}, [](double l) { return 2 / (l + 0.1); }},
  };
  return table;
}

TEST(Quadratics, TheEdgeSeparatesTheVerdicts) {
  std::mt19937 random(1);
  for (const Rule& rule : rules()) {
    for (int trial = 0; trial < 12; ++trial) {
      const Sample s = sample(random, 1 + trial % 5);
      const OptimizerSpec& spec = find_optimizer(rule.optimizer);
      Cost cost;
      const Experiment experiment(s.objective, s.start, spec, hyperparameter_values(spec, rule.settings), cost);
      const Stability stability = analyze_stability(experiment, {}, cost);
      const double edge = rule.edge(s.largest);
      ASSERT_TRUE(stability.lr_edge) << stability.lr_edge_reason;
      EXPECT_NEAR(*stability.lr_edge / edge, 1, 1e-9) << rule.optimizer;
      ASSERT_TRUE(stability.lr_max_from_start) << stability.lr_max_from_start_reason;
      EXPECT_NEAR(*stability.lr_max_from_start / edge, 1, 1e-5) << rule.optimizer;
      for (const double factor : {0.3, 0.97, 0.9999}) {
        const etamax::FunctionRun run = follow(experiment, factor * edge, {}, cost);
        EXPECT_EQ(to_string(run.verdict), "converges")
            << rule.optimizer << " at " << factor << " of the edge, condition " << s.largest / s.smallest << ": "
            << run.reason;
      }
      for (const double factor : {1.0001, 1.03, 3.0}) {
        const etamax::FunctionRun run = follow(experiment, factor * edge, {}, cost);
        EXPECT_EQ(to_string(run.verdict), "diverges")
            << rule.optimizer << " at " << factor << " of the edge: " << run.reason;
        EXPECT_EQ(run.cause, Cause::learning_rate);
      }
    }
  }
}

TEST(Quadratics, GradientDescentContractsAsTheSlowestDirectionDoes) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 30; ++trial) {
    const Sample s = sample(random, 1 + trial % 4);
    const OptimizerSpec& gd = find_optimizer("gd");
    Cost cost;
    const Experiment experiment(s.objective, s.start, gd, hyperparameter_values(gd, {}), cost);
    const double lr = 1.3 / s.largest;
    const etamax::FunctionRun run = follow(experiment, lr, {3, 100000, {}}, cost);
    ASSERT_TRUE(run.rate) << run.reason;
    EXPECT_NEAR(std::abs(*run.rate), std::max(std::abs(1 - lr * s.smallest), std::abs(1 - lr * s.largest)), 1e-6)
        << run.reason;
  }
}

TEST(Quadratics, NegativeCurvatureIsNotTheLearningRatesFault) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 10; ++trial) {
    const Eigen::Vector2d lambda(-0.5 - trial, 2.0 + trial);
    const double angle = 0.3 * trial;
    const Eigen::Matrix2d q = Eigen::Rotation2Dd(angle).toRotationMatrix();
    const Quadratic saddle(q * lambda.asDiagonal() * q.transpose(), Eigen::Vector2d(1, -1));
    const OptimizerSpec& gd = find_optimizer("gd");
    Cost cost;
    const Experiment experiment(saddle, {2, 3}, gd, hyperparameter_values(gd, {}), cost);
    for (const double lr : {0.01, 0.1, 10.0}) {
      const etamax::FunctionRun run = follow(experiment, lr, {}, cost);
      EXPECT_EQ(to_string(run.verdict), "diverges") << run.reason;
      EXPECT_EQ(run.cause, Cause::unbounded_below) << run.reason;
    }
    EXPECT_FALSE(analyze_stability(experiment, {}, cost).lr_edge);
  }
}

}  // namespace
}  // namespace etamax
