#include "etamax/dynamics/stationary_point.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/dynamics/detail_eigen.h"

namespace etamax {
namespace {

using namespace detail;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// How far the value goes up and down at that distance along the axes, either way.
struct Change {
  double rise = 0, fall = 0;
  bool leaves_domain = false;
};
Change change_at(const Differentiable& f, const Vector& x, double here, double distance) {
  Change found;
  for (Eigen::Index i = 0; i < x.size(); ++i)
    for (const double side : {-distance, distance}) {
      Vector y = x;
      y[i] += side;
      const double change = value_at(f, y) - here;
      if (!std::isfinite(change)) found.leaves_domain = true;
      found.rise = std::max(found.rise, change);
      found.fall = std::max(found.fall, -change);
    }
  return found;
}

constexpr double kValueRounding = 4 * kEpsilon;  // of the value

/// Whether the value is the same, to rounding, at that distance along every axis, and by its curvature too.
bool is_plain(const Differentiable& f, const Vector& x, double distance, double curvature) {
  const double here = value_at(f, x), rounding = kValueRounding * std::abs(here);
  if (curvature * distance * distance > rounding) return false;
  const Change change = change_at(f, x, here, distance);
  return !change.leaves_domain && std::max(change.rise, change.fall) <= rounding;
}

}  // namespace

Surroundings look_around(const Differentiable& f, std::span<const double> point, double least_radius) {
  // From where the value changes at all to where it is another place, relative to the largest coordinate.
  constexpr double kNearest = 1e-4, kFarthest = 0.2, kNext = 4;
  // At each radius a fall counts only beside the rises there: a point that is near a minimum, to rounding, has tiny
  // falls.
  constexpr double kSignificant = 1e-6;
  const Vector x = vector_of(point);
  const double here = value_at(f, x);
  const double scale = std::max(x.lpNorm<Eigen::Infinity>(), least_radius / kNearest);
  Surroundings around;
  for (double radius = kNearest; radius < kFarthest; radius *= kNext) {
    const auto [rise, fall, leaves_domain] = change_at(f, x, here, radius * scale);
    around.at_domain_edge = around.at_domain_edge || leaves_domain;
    if (std::max(rise, fall) <= kValueRounding * std::abs(here)) continue;
    if (rise <= kSignificant * fall)
      around.kind = PointKind::maximum;
    else
      around.kind = fall <= kSignificant * rise ? PointKind::minimum : PointKind::saddle;
    return around;
  }
  return around;
}

PointKind classify_point(const Differentiable& objective, std::span<const double> x, double traveled) {
  constexpr double kZero = 1e-9;  // of the largest: what the eigenvalue solver and a point's last digits leave of 0
  const Matrix hessian = hessian_at(objective, vector_of(x));
  if (!hessian.allFinite()) return look_around(objective, x).kind;
  const Vector eigenvalues = Eigen::SelfAdjointEigenSolver<Matrix>(hessian, Eigen::EigenvaluesOnly).eigenvalues();
  const double size = eigenvalues.cwiseAbs().maxCoeff();
  const double zero = kZero * size;
  if (traveled > 0 && is_plain(objective, vector_of(x), traveled / 10, size)) return PointKind::flat;
  if (size > 0) {
    const bool up = (eigenvalues.array() > zero).any(), down = (eigenvalues.array() < -zero).any();
    if (up && down) return PointKind::saddle;
    if ((eigenvalues.array() > zero).all())  // but for a ridge between two bowls, min((x - 1)^2, (x + 1)^2) at 0
      return look_around(objective, x).kind == PointKind::maximum ? PointKind::maximum : PointKind::minimum;
    if ((eigenvalues.array() < -zero).all()) return PointKind::maximum;
  }
  return look_around(objective, x).kind;
}

bool slope_jumps(const Differentiable& f, std::span<const double> point, double traveled, double steepest) {
  constexpr double kBeside = 1e-6;          // of the way
  constexpr double kApart = 64 * kEpsilon;  // of the coordinates: so that the two sides are different points
  constexpr double kJump = 1e-2;            // of the steepest; a smooth slope has about kBeside of it there
  const Vector x = vector_of(point);
  const double beside = kBeside * traveled, radius = std::max(beside, kApart * x.lpNorm<Eigen::Infinity>());
  const double farther = radius / beside;  // than that: a smooth slope has so many times as much there
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    Vector before = x, after = x;
    before[i] -= radius, after[i] += radius;
    const double jump = (gradient_at(f, after) - gradient_at(f, before)).stableNorm();
    if (!(jump <= kJump * farther * steepest)) return true;  // or there is no slope on one side
  }
  return false;
}

bool curvature_is_unbounded(const Differentiable& f, std::span<const double> point, double traveled) {
  constexpr double kBeside = 1e-3, kClosest = 1e-15;  // of the way
  constexpr double kApart = 1e3 * kEpsilon;           // of the coordinates
  constexpr double kDecade = 10, kGrows = 1.05;       // abs(x)^1.9 grows by 1.26; x^2 and more does not
  constexpr int kDecades = 6;                         // of no more than so many a narrow bend may be the cause
  const Vector x = vector_of(point);
  const auto size = [](double curvature) {
    return std::isfinite(curvature) ? std::abs(curvature) : std::numeric_limits<double>::infinity();
  };
  const Vector diagonal = hessian_at(f, x).diagonal().unaryExpr(size);
  Eigen::Index axis = 0;
  diagonal.maxCoeff(&axis);
  const double closest = std::max(kClosest * traveled, kApart * std::abs(x[axis]));
  for (const double side : {-1.0, 1.0}) {
    double curvature_before = 0, slope_before = std::numeric_limits<double>::infinity();
    int grown = -1;
    bool grows = true;
    for (double distance = kBeside * traveled; grows && distance >= closest; distance /= kDecade) {
      Vector beside = x;
      beside[axis] += side * distance;
      const double curvature = hessian_at(f, beside)(axis, axis), slope = std::abs(gradient_at(f, beside)[axis]);
      grows = curvature > kGrows * curvature_before && slope < slope_before;
      grown += grows;
      curvature_before = curvature, slope_before = slope;
    }
    if (grows && grown >= kDecades) return true;
  }
  return false;
}

bool curvature_jumps(const Differentiable& f, std::span<const double> point,
                     const std::vector<std::vector<double>>& directions, double traveled) {
  constexpr double kBeside = 1e-6;           // of the way
  constexpr double kApart = 1e3 * kEpsilon;  // of the coordinates
  constexpr double kJump = 0.5;              // of the larger one; a smooth curvature changes by about kBeside of itself
  constexpr double kNegligible = 1e-6;       // of the largest beside the point
  const Vector x = vector_of(point);
  const double distance = std::max(kBeside * traveled, kApart * x.lpNorm<Eigen::Infinity>());
  double largest = 0;
  std::vector<std::pair<double, double>> sides;
  for (const std::vector<double>& direction : directions) {
    const Vector v = vector_of(direction);
    const auto curvature = [&](double side) { return v.dot(hessian_at(f, x + side * distance * v) * v); };
    sides.emplace_back(curvature(-1), curvature(1));
    largest = std::max({largest, std::abs(sides.back().first), std::abs(sides.back().second)});
  }
  return std::any_of(sides.begin(), sides.end(), [&](const auto& side) {
    const double larger = std::max(std::abs(side.first), std::abs(side.second));
    return larger > kNegligible * largest && std::abs(side.second - side.first) > kJump * larger;
  });
}

bool falls_along(const Differentiable& f, std::span<const double> point, std::span<const double> direction,
                 double least_radius) {
  constexpr double kFarthest = 1e3, kNext = 4;  // times the least radius
  const Vector x = vector_of(point), v = vector_of(direction);
  const double here = value_at(f, x), rounding = kValueRounding * std::abs(here);
  for (double radius = least_radius; radius < kFarthest * least_radius; radius *= kNext) {
    const double before = value_at(f, x - radius * v) - here, after = value_at(f, x + radius * v) - here;
    if (!(std::max(std::abs(before), std::abs(after)) > rounding)) continue;
    return before < -rounding && after < -rounding;
  }
  return false;
}

bool stands_on_flat(const Differentiable& f, std::span<const double> point, double beside) {
  const Vector x = vector_of(point);
  const auto is_flat = [&](Eigen::Index axis, double to) {
    Vector y = x;
    y[axis] += to;
    return gradient_at(f, y).isZero(0);
  };
  for (Eigen::Index i = 0; i < x.size(); ++i)
    if (!is_flat(i, -beside) && !is_flat(i, beside)) return false;
  return true;
}

Spectrum spectrum_at(const Differentiable& objective, std::span<const double> point, double negligible, double beside) {
  constexpr double kSame = 2;                  // a genuine curvature changes by less over a small distance
  constexpr double kRounding = 64 * kEpsilon;  // of the largest: what the solver leaves of 0
  Spectrum spectrum;
  const Vector x = vector_of(point);
  const Matrix hessian = hessian_at(objective, x);
  if (!hessian.allFinite()) return spectrum;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const double largest = solver.eigenvalues().cwiseAbs().maxCoeff();
  const Vector gradient = gradient_at(objective, x);
  const auto is_genuine = [&](double lambda, const Vector& v) {
    if (std::abs(lambda) <= kRounding * largest) return false;
    if (std::abs(v.dot(gradient)) > std::abs(lambda) * beside) return false;  // a tail: the slope is 0 nowhere near
    for (const double side : {-beside, beside}) {
      const double there = v.dot(hessian_at(objective, x + side * v) * v) / lambda;
      if (!(there > 1 / kSame && there < kSame)) return false;
    }
    return true;
  };
  for (Eigen::Index i = 0; i < hessian.rows(); ++i) {
    const double lambda = solver.eigenvalues()[i];
    const Vector v = solver.eigenvectors().col(i);
    spectrum.eigenvalues.push_back(std::abs(lambda) > negligible || is_genuine(lambda, v) ? lambda : 0);
    spectrum.vectors.emplace_back(v.data(), v.data() + v.size());
  }
  return spectrum;
}

}  // namespace etamax
