#pragma once

#include <random>

#include "etamax/problem/dense.h"

namespace etamax::testing {

/// |A x - b|^2 / n over random examples, one row of A each: an objective with examples, in closed form.
class LeastSquares : public DenseObjective, public Examples {
 public:
  LeastSquares(Eigen::Index n, Eigen::Index dim, unsigned seed) : LeastSquares(random(n, dim, seed), seed + 1) {}
  LeastSquares(Eigen::MatrixXd a, Eigen::VectorXd b)
      : DenseObjective(Eigen::VectorXd::Zero(a.cols())), a_(std::move(a)), b_(std::move(b)) {}

  double value(const Eigen::VectorXd& x) override { return (a_ * x - b_).squaredNorm() / n(); }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return 2 * a_.transpose() * (a_ * x - b_) / n(); }
  Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override { return hessian() * v; }
  Eigen::MatrixXd hessian() const { return 2 * a_.transpose() * a_ / n(); }

  Examples* examples() override { return this; }
  std::optional<double> baseline() const override { return (b_.array() - b_.mean()).square().mean(); }
  std::int64_t count() const override { return a_.rows(); }
  std::unique_ptr<Objective> objective_on(const Rows& rows) override {
    auto few = std::make_unique<LeastSquares>(a_(rows, Eigen::all), b_(rows));
    few->set_parameters(parameters());
    return few;
  }
  std::vector<double> losses() override {
    const Eigen::VectorXd each = (a_ * etamax::entries(parameters()) - b_).array().square();
    return {each.begin(), each.end()};
  }
  std::vector<double> curvatures(const Vector& v) override {
    const Eigen::VectorXd each = 2 * (a_ * etamax::entries(v)).array().square();
    return {each.begin(), each.end()};
  }
  LossAndGradient batch_gradient(const Rows& rows) override { return objective_on(rows)->loss_and_gradient(); }
  Vector batch_product(const Rows& rows, const Vector& v) override {
    Vector product;
    objective_on(rows)->apply(v, product);
    return product;
  }

 private:
  /// Targets that can be learned: a sum of the features, with some noise.
  LeastSquares(const Eigen::MatrixXd& a, unsigned seed)
      : LeastSquares(a, a.rowwise().sum() + 0.1 * random(a.rows(), 1, seed)) {}
  static Eigen::MatrixXd random(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal;
    return Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return normal(generator); });
  }
  double n() const { return static_cast<double>(b_.size()); }
  Eigen::MatrixXd a_;
  Eigen::VectorXd b_;
};

}  // namespace etamax::testing
