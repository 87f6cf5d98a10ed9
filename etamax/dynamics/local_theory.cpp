#include "etamax/dynamics/local_theory.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

namespace etamax {
namespace {

/// One eigenvalue alone is the largest, and it is real and negative.
bool flips(const Eigen::MatrixXd& matrix) {
  constexpr double kAsLarge = 1e-9;
  if (!matrix.allFinite()) return false;
  const Eigen::VectorXcd values = Eigen::EigenSolver<Eigen::MatrixXd>(matrix, false).eigenvalues();
  const double radius = values.cwiseAbs().maxCoeff();
  return radius > 0 && std::all_of(values.begin(), values.end(), [&](const std::complex<double>& value) {
           return std::abs(value) < (1 - kAsLarge) * radius || (value.real() < 0 && value.imag() == 0);
         });
}

}  // namespace

LocalTheory::LocalTheory(const Differentiable& objective, const Descent& descent, const OptimizerSpec& optimizer,
                         const HyperparameterValues& values)
    : objective_(&objective), descent_(&descent), optimizer_(&optimizer), values_(&values) {
  if (!optimizer.recurrence)
    reason_ = optimizer.no_recurrence_reason;
  else if (optimizer.preconditioner)
    reason_ =
        "this optimizer divides each step by a running size of the gradients, which tends to 0 at a minimum: the edge there "
        "moves with the run";
  else if (descent.outcome != Descent::Outcome::minimum)
    reason_ = "there is no minimum";
  else if (!descent.bounded_curvature)
    reason_ = "the curvature grows without bound toward the minimum, so there is no local edge";
  else if (!descent.smooth || descent.eigenvalues.empty())
    reason_ = "the slope does not vanish at the minimum (a corner), so there is no local edge";
  else if (!descent.even_curvature)
    reason_ = "the curvature is another on each side of the minimum, so there is no local edge";
}

double LocalTheory::multiplier(std::size_t i, double lr) const {
  const auto matrix = optimizer_->recurrence(*values_, lr, lambda(i));
  if (matrix.rows() == 1) return matrix(0, 0);
  const double radius = spectral_radius(*optimizer_, *values_, lr, lambda(i));
  return flips(matrix) ? -radius : radius;
}

double LocalTheory::radius(double lr) const {
  double worst = 0;
  for (std::size_t i = 0; i < descent_->eigenvalues.size(); ++i) worst = std::max(worst, std::abs(multiplier(i, lr)));
  return worst;
}

bool LocalTheory::holds(double lr) const {
  return std::abs(multiplier(descent_->eigenvalues.size() - 1, lr)) < 1 && radius(lr) <= 1 + kRadiusOne;
}

std::optional<double> LocalTheory::edge() const {
  const double steepest = descent_->eigenvalues.back();
  if (!(steepest > 0)) return {};
  return stability_edge(*optimizer_, *values_, steepest);
}

std::optional<double> LocalTheory::fastest() const {
  constexpr double kFlat = 1e-12;  // of the steepest: no more than rounding
  const double flattest = descent_->eigenvalues.front(), steepest = descent_->eigenvalues.back();
  if (!(flattest > kFlat * steepest)) return {};
  return fastest_rate(*optimizer_, *values_, flattest, steepest);
}

double LocalTheory::nonlinearity(std::span<const double> x) const {
  const std::size_t n = x.size();
  std::vector<double> gradient(n), predicted(n, 0.0);
  objective_->gradient(x, gradient);
  for (std::size_t i = 0; i < n; ++i) {
    const double distance = along(i, x);
    for (std::size_t j = 0; j < n; ++j) predicted[j] += lambda(i) * distance * descent_->vectors[i][j];
  }
  double stray = 0, size = 0;
  for (std::size_t j = 0; j < n; ++j) {
    stray = std::hypot(stray, gradient[j] - predicted[j]);
    size = std::hypot(size, predicted[j]);
  }
  if (stray == 0) return 0;
  return std::isfinite(stray) && size > 0 ? stray / size : std::numeric_limits<double>::infinity();
}

std::vector<double> LocalTheory::growing_part(std::span<const double> x, double lr) const {
  const std::size_t n = x.size();
  std::vector<double> part(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (std::abs(multiplier(i, lr)) <= 1) continue;
    const double distance = along(i, x);
    for (std::size_t j = 0; j < n; ++j) part[j] += distance * descent_->vectors[i][j];
  }
  return part;
}

std::vector<double> LocalTheory::after(std::span<const double> x, double lr, double steps) const {
  std::vector<double> result = descent_->point;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double distance = along(i, x) * std::pow(multiplier(i, lr), steps);
    for (std::size_t j = 0; j < x.size(); ++j) result[j] += distance * descent_->vectors[i][j];
  }
  return result;
}

double LocalTheory::along(std::size_t i, std::span<const double> x) const {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) sum += descent_->vectors[i][j] * (x[j] - descent_->point[j]);
  return sum;
}

}  // namespace etamax
