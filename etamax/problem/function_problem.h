#pragma once

#include <span>

#include "etamax/core/differentiable.h"
#include "etamax/problem/dense.h"

namespace etamax {

/// A function of real variables, such as somebody has typed, as an objective: one block for each variable.
class FunctionObjective final : public DenseObjective {
 public:
  /// `f` must outlive the objective. `names`: of its variables.
  FunctionObjective(const Differentiable& f, std::span<const double> start, const std::vector<std::string>& names);
  double value(const Eigen::VectorXd& x) override;
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override;
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override;

 private:
  const Differentiable& f_;
};

}  // namespace etamax
