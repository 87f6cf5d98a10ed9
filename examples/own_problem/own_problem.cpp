// An operator of your own: ridge regression |A x - b|^2 / (2 n) + mu |x|^2 / 2, written down by hand over Eigen. Copy
// this file, replace the three functions, and everything that etamax says of a network it says of your problem.
#include <fmt/format.h>

#include "etamax/analyze/analyze.h"
#include "etamax/problem/dense.h"

class Ridge final : public etamax::DenseObjective {
 public:
  Ridge(Eigen::MatrixXd a, Eigen::VectorXd b, double mu)
      : DenseObjective(Eigen::VectorXd::Zero(a.cols())), a_(std::move(a)), b_(std::move(b)), mu_(mu) {}

  double value(const Eigen::VectorXd& x) override {
    return (a_ * x - b_).squaredNorm() / (2 * examples()) + mu_ * x.squaredNorm() / 2;
  }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override {
    return a_.transpose() * (a_ * x - b_) / examples() + mu_ * x;
  }
  Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override {
    return a_.transpose() * (a_ * v) / examples() + mu_ * v;
  }

 private:
  double examples() const { return static_cast<double>(b_.size()); }
  Eigen::MatrixXd a_;
  Eigen::VectorXd b_;
  double mu_;
};

int main() {
  const Eigen::VectorXd t = Eigen::VectorXd::LinSpaced(200, 0, 6);
  Eigen::MatrixXd a(200, 3);
  a << t.array().sin(), t.array().cos(), t;
  Ridge f(a, 2 * t.array().sin() - t.array() / 3, 0.01);
  etamax::DenseProblem problem(f, etamax::make_optimizer("sgd", {{"momentum", 0.9}}));
  const etamax::Analysis answer = etamax::analyze(problem, {.lr = 0.5});
  for (const std::string& sentence : answer.answer) fmt::print("{}\n", sentence);
}
