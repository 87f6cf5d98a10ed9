#include "etamax/dynamics/descent.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace etamax {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

std::span<const double> view(const Vector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

double value_at(const Objective& f, const Vector& x) { return f.value(view(x)); }

Vector gradient_at(const Objective& f, const Vector& x) {
  Vector g(x.size());
  f.gradient(view(x), {g.data(), static_cast<std::size_t>(g.size())});
  return g;
}

Matrix hessian_at(const Objective& f, const Vector& x) {
  Matrix h(x.size(), x.size());
  f.hessian(view(x), {h.data(), static_cast<std::size_t>(h.size())});
  return h;
}

/// (1 - exp(-z)) / z: the exact step of x' = -(g + H x) over a unit of time, per eigenvalue.
double decay_factor(double z) { return std::abs(z) < 1e-8 ? 1 - z / 2 : -std::expm1(-z) / z; }

/// The spectrum at x. Curvature below `negligible` is that of the last digits of x, not of the function: it counts as 0.
void attach_spectrum(const Objective& f, const Vector& x, double negligible, Descent& descent) {
  const Matrix hessian = hessian_at(f, x);
  if (!hessian.allFinite()) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double lambda = solver.eigenvalues()[i];
    descent.eigenvalues.push_back(std::abs(lambda) <= negligible ? 0 : lambda);
    const Vector v = solver.eigenvectors().col(i);
    descent.vectors.emplace_back(v.data(), v.data() + v.size());
  }
}

/// Compares the value around x with the value at x, over many radii: what a zero Hessian cannot tell.
PointKind look_around(const Objective& f, const Vector& x) {
  const double here = value_at(f, x);
  bool above = false, below = false;
  const double scale = std::max(x.lpNorm<Eigen::Infinity>(), 1e-3);
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    for (const double direction : {-1.0, 1.0}) {
      for (double radius = 1e-4; radius < 0.2; radius *= 4) {
        Vector y = x;
        y[i] += direction * radius * scale;
        const double there = value_at(f, y);
        if (there > here) above = true;
        if (there < here) below = true;
        if (there != here) break;
      }
    }
  }
  if (above && below) return PointKind::saddle;
  return above ? PointKind::minimum : below ? PointKind::maximum : PointKind::flat;
}

}  // namespace

PointKind classify_point(const Objective& objective, const std::vector<double>& point) {
  const Vector x = Eigen::Map<const Vector>(point.data(), static_cast<Eigen::Index>(point.size()));
  const Matrix hessian = hessian_at(objective, x);
  if (!hessian.allFinite()) return look_around(objective, x);
  const Vector eigenvalues = Eigen::SelfAdjointEigenSolver<Matrix>(hessian, Eigen::EigenvaluesOnly).eigenvalues();
  const double size = eigenvalues.cwiseAbs().maxCoeff();
  const double zero = 1e-9 * size;
  if (size > 0) {
    const bool up = (eigenvalues.array() > zero).any(), down = (eigenvalues.array() < -zero).any();
    if (up && down) return PointKind::saddle;
    if ((eigenvalues.array() > zero).all()) return PointKind::minimum;
    if ((eigenvalues.array() < -zero).all()) return PointKind::maximum;
  }
  return look_around(objective, x);
}

Descent descend(const Objective& objective, const std::vector<double>& start) {
  constexpr int kSteps = 4000;
  constexpr double kTurn = 0.1;  // how far the gradient may stray from its linear prediction in one step
  Descent descent;
  Vector x = Eigen::Map<const Vector>(start.data(), static_cast<Eigen::Index>(start.size()));
  double f = value_at(objective, x);
  Vector g = gradient_at(objective, x);
  if (!std::isfinite(f) || !g.allFinite()) {
    descent.outcome = Descent::Outcome::undefined;
    return descent;
  }
  const double f_start = f;
  double steepest = g.norm();
  double time = 0, travelled = 0;
  std::vector<double> lengths, falls;
  bool corner = false, escaped = false;
  for (int k = 0; k < kSteps; ++k) {
    if (g.squaredNorm() == 0) break;
    const Matrix hessian = hessian_at(objective, x);
    if (!hessian.allFinite()) break;
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
    const Vector& lambda = solver.eigenvalues();
    const Vector g_eigen = solver.eigenvectors().transpose() * g;
    if (time == 0) {
      const double curvature = lambda.cwiseAbs().maxCoeff();
      time = curvature > 0 ? 1 / curvature : std::max(x.norm(), 1.0) / g.norm();
    }
    Vector y, g_new;
    double f_new = 0;
    bool accepted = false;
    for (int trial = 0; trial < 200 && !accepted; ++trial) {
      Vector step(x.size());
      for (Eigen::Index i = 0; i < x.size(); ++i) step[i] = -time * decay_factor(time * lambda[i]) * g_eigen[i];
      const Vector dx = solver.eigenvectors() * step;
      y = x + dx;
      if (!y.allFinite()) {
        escaped = true;
        break;
      }
      if ((y - x).squaredNorm() == 0) break;
      f_new = value_at(objective, y);
      g_new = gradient_at(objective, y);
      if (f_new == -std::numeric_limits<double>::infinity() && !objective.domain_fault(view(y))) {
        escaped = true;
        break;
      }
      const double stray = (g_new - (g + hessian * dx)).norm();
      const double noise = 8 * kEpsilon * (std::abs(f) + std::abs(f_new));
      accepted = std::isfinite(f_new) && g_new.allFinite() && stray <= kTurn * g.norm() && f_new <= f + noise;
      if (!accepted) time /= 3;
    }
    if (escaped) break;
    if (!accepted) {
      // The step shrank to nothing: the last digits of a smooth minimum, or a corner.
      const double newton = hessian.allFinite() && lambda.cwiseAbs().minCoeff() > 0
                                ? (solver.eigenvectors() * (g_eigen.array() / lambda.array()).matrix()).norm()
                                : std::numeric_limits<double>::infinity();
      corner = newton > 1e-6 * std::max(travelled, kEpsilon * x.norm());
      break;
    }
    lengths.push_back((y - x).norm());
    falls.push_back(f - f_new);
    travelled += lengths.back();
    x = y, f = f_new, g = g_new;
    steepest = std::max(steepest, g.norm());
    time = std::min(time * 2, 1e300);
    if (lengths.back() <= 4 * kEpsilon * x.norm() || (lengths.back() <= 1e-17 * travelled && falls.back() <= 1e-17 * std::abs(f_start - f))) break;
    if (x.norm() > 1e200) break;
  }
  descent.point.assign(x.data(), x.data() + x.size());
  const std::size_t n = lengths.size();
  const bool settled = g.squaredNorm() == 0 ? (n == 0 || lengths.back() <= 0.5 * travelled || classify_point(objective, descent.point) == PointKind::minimum)
                                            : (n > 0 && lengths.back() <= 1e-9 * travelled);
  if (escaped || (n > 0 && !settled && falls.back() > 1e-9 * (f_start - f))) {
    descent.outcome = Descent::Outcome::unbounded_below;
    return descent;
  }
  if (n > 0 && !corner) {
    // Steps that do not shrink while the value settles: the infimum lies at infinity. Near a point they shrink.
    const std::size_t back = std::min<std::size_t>(n - 1, 20);
    if (back >= 5 && lengths[n - 1] > 0.5 * lengths[n - 1 - back]) {
      descent.outcome = Descent::Outcome::drifts;
      return descent;
    }
  }
  attach_spectrum(objective, x, travelled > 0 ? 1e-7 * steepest / travelled : 0, descent);
  descent.smooth = !corner;
  descent.kind = corner ? look_around(objective, x) : classify_point(objective, descent.point);
  descent.outcome = descent.kind == PointKind::minimum ? Descent::Outcome::minimum : Descent::Outcome::other_point;
  return descent;
}

}  // namespace etamax
