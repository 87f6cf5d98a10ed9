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

/// The spectrum at x. Curvature below `negligible` is that of the last digits of x, not of the function: it
/// counts as 0.
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

struct Surroundings {
  PointKind kind = PointKind::flat;
  bool at_domain_edge = false;
};

/// Compares the value around x with the value at x, over many radii: what a zero Hessian cannot tell. At each
/// radius a fall counts only beside the rises there: a point that is near a minimum, to rounding, has tiny
/// falls.
Surroundings look_around(const Objective& f, const Vector& x) {
  constexpr double kSignificant = 1e-6;
  const double here = value_at(f, x);
  const double scale = std::max(x.lpNorm<Eigen::Infinity>(), 1e-3);
  Surroundings around;
  for (double radius = 1e-4; radius < 0.2; radius *= 4) {
    double rise = 0, fall = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      for (const double direction : {-1.0, 1.0}) {
        Vector y = x;
        y[i] += direction * radius * scale;
        const double change = value_at(f, y) - here;
        if (!std::isfinite(change)) around.at_domain_edge = true;
        rise = std::max(rise, change);
        fall = std::max(fall, -change);
      }
    }
    if (std::max(rise, fall) <= 4 * kEpsilon * std::abs(here)) continue;
    if (rise <= kSignificant * fall)
      around.kind = PointKind::maximum;
    else
      around.kind = fall <= kSignificant * rise ? PointKind::minimum : PointKind::saddle;
    return around;
  }
  return around;
}

/// Whether the slope jumps at x: a millionth of the way from it, it still has a size of the order of the
/// way's steepest.
bool slope_jumps(const Objective& f, const Vector& x, double travelled, double steepest) {
  const double radius = std::max(1e-6 * travelled, 64 * kEpsilon * x.lpNorm<Eigen::Infinity>());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    Vector before = x, after = x;
    before[i] -= radius, after[i] += radius;
    const double jump = (gradient_at(f, after) - gradient_at(f, before)).norm();
    if (!(jump <= 1e-2 * steepest)) return true;  // or there is no slope on one side
  }
  return false;
}

}  // namespace

PointKind classify_point(const Objective& objective, std::span<const double> point) {
  const Vector x = Eigen::Map<const Vector>(point.data(), static_cast<Eigen::Index>(point.size()));
  const Matrix hessian = hessian_at(objective, x);
  if (!hessian.allFinite()) return look_around(objective, x).kind;
  const Vector eigenvalues = Eigen::SelfAdjointEigenSolver<Matrix>(hessian, Eigen::EigenvaluesOnly).eigenvalues();
  const double size = eigenvalues.cwiseAbs().maxCoeff();
  const double zero = 1e-9 * size;
  if (size > 0) {
    const bool up = (eigenvalues.array() > zero).any(), down = (eigenvalues.array() < -zero).any();
    if (up && down) return PointKind::saddle;
    if ((eigenvalues.array() > zero).all()) return PointKind::minimum;
    if ((eigenvalues.array() < -zero).all()) return PointKind::maximum;
  }
  return look_around(objective, x).kind;
}

Descent descend(const Objective& objective, std::span<const double> start, Cost& cost) {
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
  bool escaped = false;
  for (int k = 0; k < kSteps; ++k) {
    if (g.squaredNorm() == 0) break;
    const Matrix hessian = hessian_at(objective, x);
    cost.hvps += x.size();
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
      ++cost.forwards, ++cost.gradients;
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
    if (!accepted) break;  // the step shrank to nothing: the last digits of a smooth minimum, or a corner
    lengths.push_back((y - x).norm());
    falls.push_back(f - f_new);
    travelled += lengths.back();
    x = y, f = f_new, g = g_new;
    steepest = std::max(steepest, g.norm());
    time = std::min(time * 2, 1e300);
    if (lengths.back() <= 4 * kEpsilon * x.norm() ||
        (lengths.back() <= 1e-17 * travelled && falls.back() <= 1e-17 * std::abs(f_start - f)))
      break;
    if (x.norm() > 1e200) break;
  }
  descent.point.assign(x.data(), x.data() + x.size());
  const std::size_t n = lengths.size();
  const bool settled = g.squaredNorm() == 0 ? (n == 0 || lengths.back() <= 0.5 * travelled ||
                                               classify_point(objective, descent.point) == PointKind::minimum)
                                            : (n > 0 && lengths.back() <= 1e-9 * travelled);
  // Falls that keep their size lead to minus infinity, be it at infinity or, in ever shorter steps, at a pole
  // (log(x) at 0).
  const double fall = f_start - f;
  const bool pole = n >= 20 && falls[n - 1] > 1e-6 * fall && falls[n - 1] > 0.1 * falls[n - 11];
  if (escaped || pole || (n > 0 && !settled && falls.back() > 1e-9 * fall)) {
    descent.outcome = Descent::Outcome::unbounded_below;
    return descent;
  }
  const bool corner = n > 0 && slope_jumps(objective, x, travelled, steepest);
  if (n > 0 && !corner) {
    // Steps that do not shrink while the value settles: the infimum lies at infinity. Near a point they
    // shrink.
    const std::size_t back = std::min<std::size_t>(n - 1, 20);
    if (back >= 5 && lengths[n - 1] > 0.5 * lengths[n - 1 - back]) {
      descent.outcome = Descent::Outcome::drifts;
      return descent;
    }
  }
  attach_spectrum(objective, x, travelled > 0 ? 1e-7 * steepest / travelled : 0, descent);
  descent.smooth = !corner;
  const Surroundings around = look_around(objective, x);
  descent.at_domain_edge = around.at_domain_edge;
  descent.kind = corner ? around.kind : classify_point(objective, descent.point);
  const bool bottom = descent.kind == PointKind::minimum || (descent.kind == PointKind::flat && n > 0);
  descent.outcome = bottom ? Descent::Outcome::minimum : Descent::Outcome::other_point;
  return descent;
}

}  // namespace etamax
