#include "etamax/diagnose/edge.h"

#include <Eigen/LU>
#include <cmath>

namespace etamax {

std::optional<double> implied_curvature(const OptimizerSpec& spec, const HyperparameterValues& values, double lr,
                                        double multiplier) {
  if (spec.recurrence == nullptr || !std::isfinite(multiplier) || !(lr > 0)) return {};
  const auto characteristic = [&](double curvature) {
    const Eigen::MatrixXd step = spec.recurrence(values, lr, curvature);
    return (step - multiplier * Eigen::MatrixXd::Identity(step.rows(), step.cols())).determinant();
  };
  const double unit = 1 / lr, at_zero = characteristic(0), at_unit = characteristic(unit);
  const double curvature = at_zero / (at_zero - at_unit) * unit;
  if (!std::isfinite(curvature)) return {};
  return curvature;
}

}  // namespace etamax
