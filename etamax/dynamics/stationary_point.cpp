#include "etamax/dynamics/stationary_point.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/dynamics/detail_eigen.h"
#include "etamax/dynamics/detail_rounding.h"

namespace etamax {
namespace {

using namespace detail;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// How far the value goes up and down at that distance along the axes and between them, either way.
struct Change {
  double rise = 0, fall = 0;
  bool leaves_domain = false;
  bool one_sided = true;  ///< on no line it changes, beyond `rounding`, both ways
};
Change change_at(const Differentiable& f, const Vector& x, double here, double distance, double rounding) {
  constexpr Eigen::Index kMost = 8;  // of more variables only the axes: the pairs are too many
  Change found;
  const auto changes = [&](const Vector& step) {
    const double change = value_at(f, x + step) - here;
    if (!std::isfinite(change)) found.leaves_domain = true;
    found.rise = std::max(found.rise, change);
    found.fall = std::max(found.fall, -change);
    return !(std::abs(change) <= rounding);
  };
  const auto look_along = [&](const Vector& step) {
    const bool one = changes(step), other = changes(-step);
    if (one && other) found.one_sided = false;
  };
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    Vector step = Vector::Zero(x.size());
    step[i] = distance;
    look_along(step);
    for (Eigen::Index j = 0; j < i && x.size() <= kMost; ++j)  // x^4 - 3*x^2*y^2 + y^4 falls only there
      for (const double other : {-distance, distance}) {
        step[j] = other;
        look_along(step);
        step[j] = 0;
      }
  }
  return found;
}

/// The slope is 0 that far from x as well, either way along every axis.
bool is_level(const Differentiable& f, const Vector& x, double distance) {
  for (Eigen::Index i = 0; i < x.size(); ++i)
    for (const double side : {-distance, distance}) {
      Vector beside = x;
      beside[i] += side;
      if (!gradient_at(f, beside).isZero(0)) return false;
    }
  return true;
}

constexpr double kValueRounding = 4 * kEpsilon;  // of the value

/// Whether the value is the same, to rounding, at that distance along every axis, and by its curvature too.
bool is_plain(const Differentiable& f, const Vector& x, double distance, double curvature) {
  const double here = value_at(f, x), rounding = kValueRounding * std::abs(here);
  if (curvature * distance * distance > rounding) return false;
  const Change change = change_at(f, x, here, distance, rounding);
  return !change.leaves_domain && std::max(change.rise, change.fall) <= rounding;
}

/// Whether the curvature has one sign wherever the slope along its axis may be 0: no farther from x than what there is
/// of it, which may be less than the smallest number, leaves open. Not so close to 0 of x^3.
bool sign_is_known(const Differentiable& f, const Vector& x, const Vector& gradient, double curvature,
                   const Vector& axis) {
  constexpr double kBeyond = 4;  // times as far
  if (curvature == 0) return false;
  const double slope = std::max(std::abs(axis.dot(gradient)), std::numeric_limits<double>::denorm_min());
  const double reach = kBeyond * slope / std::abs(curvature);
  const auto keeps = [&](double to) {
    const double there = axis.dot(hessian_at(f, x + to * axis) * axis);
    return !(there * std::copysign(1.0, curvature) < 0);
  };
  return keeps(-reach) && keeps(reach);
}

}  // namespace

Surroundings look_around(const Differentiable& f, std::span<const double> point, double least_radius) {
  // From where the value changes at all to where it is another place, relative to the largest coordinate.
  constexpr double kNearest = 1e-4, kFarthest = 0.2, kNext = 4;
  constexpr double kLevel = 1e-8;  // a point that is nearer to the edge of a plateau is on the edge
  // At each radius a fall counts only beside the rises there: a point that is near a minimum, to rounding, has tiny
  // falls.
  constexpr double kSignificant = 1e-6;
  constexpr double kRounding = 16 * kEpsilon;  // of the value: of the many that are compared, none seems to fall by it
  const Vector x = vector_of(point);
  const double here = value_at(f, x);
  const double rounding = kRounding * std::abs(here) + rounding_at(f, x, hessian_at(f, x)).value;
  const auto beyond_rounding = [&](double change) { return change > rounding ? change : 0; };
  const double scale = std::max(x.lpNorm<Eigen::Infinity>(), least_radius / kNearest);
  Surroundings around;
  for (double radius = kNearest; radius < kFarthest; radius *= kNext) {
    const Change change = change_at(f, x, here, radius * scale, rounding);
    const double rise = beyond_rounding(change.rise), fall = beyond_rounding(change.fall);
    around.at_domain_edge = around.at_domain_edge || change.leaves_domain;
    if (rise == 0 && fall == 0) continue;
    // Level around the point, and a slope begins on one side only: beside a plateau, or in a tail that underflows.
    if (change.one_sided && change_at(f, x, here, kNext * radius * scale, rounding).one_sided &&
        (radius > kNearest || is_level(f, x, kLevel * scale)))
      return around;
    if (rise <= kSignificant * fall)
      around.kind = PointKind::maximum;
    else
      around.kind = fall <= kSignificant * rise ? PointKind::minimum : PointKind::saddle;
    return around;
  }
  return around;
}

PointKind classify_point(const Differentiable& objective, std::span<const double> x, double traveled) {
  constexpr double kZero = 1e-9;    // of the largest: what the eigenvalue solver and a point's last digits leave of 0
  constexpr double kBeside = 1e-3;  // of the way, or of the point
  constexpr double kApart = 64 * kEpsilon;  // of the point: nearer, its digits do not tell what is plain
  const Matrix hessian = hessian_at(objective, vector_of(x));
  if (!hessian.allFinite()) return look_around(objective, x).kind;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  Vector eigenvalues = solver.eigenvalues();
  const double size = eigenvalues.cwiseAbs().maxCoeff();
  const double zero = kZero * size;
  const Vector point = vector_of(x), gradient = gradient_at(objective, point);
  for (Eigen::Index i = 0; i < eigenvalues.size(); ++i)
    if (!sign_is_known(objective, point, gradient, eigenvalues[i], solver.eigenvectors().col(i))) eigenvalues[i] = 0;
  const double apart = std::max(traveled / 10, kApart * point.lpNorm<Eigen::Infinity>());
  if (traveled > 0 && is_plain(objective, point, apart, size)) return PointKind::flat;
  const bool up = (eigenvalues.array() > zero).any(), down = (eigenvalues.array() < -zero).any();
  if (up && down) return PointKind::saddle;
  if (up && (eigenvalues.array() > zero).all())  // but for a ridge between two bowls, min((x - 1)^2, (x + 1)^2) at 0
    return look_around(objective, x).kind == PointKind::maximum ? PointKind::maximum : PointKind::minimum;
  if (down && (eigenvalues.array() < -zero).all()) return PointKind::maximum;
  const PointKind kind = look_around(objective, x).kind;
  if (!up || kind != PointKind::minimum) return kind;
  std::vector<std::vector<double>> vectors;
  for (Eigen::Index i = 0; i < eigenvalues.size(); ++i) {
    if (eigenvalues[i] <= zero) eigenvalues[i] = 0;
    const Vector v = solver.eigenvectors().col(i);
    vectors.emplace_back(v.data(), v.data() + v.size());
  }
  const double scale = traveled > 0 ? traveled : std::max(vector_of(x).lpNorm<Eigen::Infinity>(), 1.0);
  return falls_where_flat(objective, x, view(eigenvalues), vectors, kBeside * scale) ? PointKind::saddle : kind;
}

bool slope_is_resolved(const Differentiable& f, std::span<const double> point) {
  constexpr double kAnother = 0.5;  // of the slope
  const Vector x = vector_of(point);
  return rounding_at(f, x, hessian_at(f, x)).gradient.stableNorm() <= kAnother * gradient_at(f, x).stableNorm();
}

bool slope_vanishes_beside(const Differentiable& f, std::span<const double> point, double distance) {
  constexpr double kSteeper = 10;
  // Where it does not turn around: by chance it grows once, and seldom all the way.
  constexpr double kFarther = 16, kGrows = 2, kFarthest = kFarther * kFarther;
  const Vector x = vector_of(point), g = gradient_at(f, x), along = g.stableNormalized();
  const double slope = g.stableNorm();
  const auto slope_at = [&](double to) { return gradient_at(f, x + to * along); };
  const Vector before = slope_at(-distance), after = slope_at(distance);
  if (before.stableNorm() < kSteeper * slope || after.stableNorm() < kSteeper * slope) return false;
  if (!(along.dot(before) * along.dot(after) > 0)) return true;
  for (const double side : {-distance, distance}) {
    double last = slope_at(side).stableNorm();
    for (double part = kFarther; part <= kFarthest; part *= kFarther) {
      const double next = slope_at(part * side).stableNorm();
      if (next < kGrows * last) return false;
      last = next;
    }
  }
  return true;
}

bool slope_jumps(const Differentiable& f, std::span<const double> point, double traveled, double steepest) {
  constexpr double kBeside = 1e-6;          // of the way
  constexpr double kApart = 64 * kEpsilon;  // of the coordinates: so that the two sides are different points
  constexpr double kJump = 1e-2;            // of the steepest; a smooth slope has about kBeside of it there
  constexpr double kNearer = 1e-3;          // of the radius: where a smooth slope differs by so much less,
  constexpr double kNoNearer = 1e-2;        // if the digits of x let it come so near,
  constexpr double kStays = 5e-2;           // and a jump is there still
  const Vector x = vector_of(point);
  const double beside = kBeside * traveled, radius = std::max(beside, kApart * x.lpNorm<Eigen::Infinity>());
  const double farther = radius / beside;  // than that: a smooth slope has so many times as much there
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    Vector before = x, after = x;
    before[i] -= radius, after[i] += radius;
    const double jump = (gradient_at(f, after) - gradient_at(f, before)).stableNorm();
    if (jump <= kJump * farther * steepest) continue;
    // Or there is no slope on one side. A large curvature makes a large difference too, but one that shrinks.
    const double near = std::max(radius * kNearer, kApart * std::abs(x[i]));
    before[i] = x[i] - near, after[i] = x[i] + near;
    const double jump_near = (gradient_at(f, after) - gradient_at(f, before)).stableNorm();
    if (near > radius * kNoNearer || !(jump_near <= kStays * jump)) return true;
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
  constexpr double kFarther = 64;            // times as far
  constexpr double kJump = 1e-3;             // of the larger one; more than the last digits leave
  constexpr double kSame = 2;                // times: a jump is the same there; what bends differs by 64 times as much,
                                             // and what is flat, beside the point, by as much less
  constexpr double kNegligible = 1e-6;       // of the largest beside the point
  const Vector x = vector_of(point);
  const double distance = std::max(kBeside * traveled, kApart * x.lpNorm<Eigen::Infinity>());
  struct Sides {
    double larger, difference;
  };
  const auto beside = [&](const Vector& v, double radius) {
    const auto curvature = [&](double side) { return v.dot(hessian_at(f, x + side * radius * v) * v); };
    const double before = curvature(-1), after = curvature(1);
    return Sides{std::max(std::abs(before), std::abs(after)), std::abs(after - before)};
  };
  double largest = 0;
  std::vector<std::pair<Sides, Sides>> sides;
  for (const std::vector<double>& direction : directions) {
    const Vector v = vector_of(direction);
    sides.emplace_back(beside(v, distance), beside(v, kFarther * distance));
    largest = std::max(largest, sides.back().first.larger);
  }
  return std::any_of(sides.begin(), sides.end(), [&](const auto& pair) {
    const auto& [near, far] = pair;
    const double jump = near.difference / near.larger, jump_far = far.difference / far.larger;
    return near.larger > kNegligible * largest && jump > kJump && jump < kSame * jump_far && jump_far < kSame * jump;
  });
}

bool falls_where_flat(const Differentiable& f, std::span<const double> point, std::span<const double> eigenvalues,
                      const std::vector<std::vector<double>>& vectors, double least_radius) {
  constexpr double kFarthest = 1e3, kNext = 4;  // times the least radius
  constexpr double kNotable = 1e-2;             // of the change on the other side
  constexpr double kGrows = 16;  // to kNext the radius: the slope of a point beside the bottom grows by less
  const Vector x = vector_of(point), g = gradient_at(f, x);
  const double here = value_at(f, x);
  const double rounding = kValueRounding * std::abs(here) + rounding_at(f, x, hessian_at(f, x)).value;
  const auto change_along = [&](const Vector& step) {
    Vector y = x + step;
    const Vector slope = gradient_at(f, y) - g;
    for (std::size_t j = 0; j < eigenvalues.size(); ++j)
      if (const Vector v = vector_of(vectors[j]); eigenvalues[j] > 0) y -= v * (v.dot(slope) / eigenvalues[j]);
    return value_at(f, y) - here;
  };
  const auto falls = [&](const Vector& v) {
    for (double radius = least_radius; radius < kFarthest * least_radius; radius *= kNext) {
      const double before = change_along(-radius * v), after = change_along(radius * v);
      const double largest = std::max(std::abs(before), std::abs(after)), fall = -std::min(before, after);
      if (!(largest > rounding)) continue;
      if (!(fall > std::max(rounding, kNotable * largest))) return false;
      return -change_along((before < after ? -kNext : kNext) * radius * v) > kGrows * fall;
    }
    return false;
  };
  for (std::size_t i = 0; i < eigenvalues.size(); ++i) {
    if (eigenvalues[i] != 0) continue;
    const Vector v = vector_of(vectors[i]);
    if (falls(v)) return true;
    for (std::size_t j = 0; j < i; ++j)
      if (const Vector u = vector_of(vectors[j]); eigenvalues[j] == 0 && (falls(v + u) || falls(v - u))) return true;
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

namespace {

/// The Hessian; where it is another right beside the point, and one and the same all around, that: at the kink of
/// max(x, 0)^2 + min(x, 0)^2, which is x^2, the formulas give a mean of things that are not there.
Matrix hessian_of(const Differentiable& f, const Vector& x, double distance) {
  constexpr double kFarther = 64;  // times as far: what merely bends, as x^4, is another there
  constexpr double kSame = 1e-3;   // of its size
  const Matrix here = hessian_at(f, x);
  const Vector step = Vector::Constant(x.size(), distance);
  const Matrix beside = hessian_at(f, x + step);
  const auto differs = [&](const Matrix& there) { return !((there - beside).norm() <= kSame * beside.norm()); };
  if (!here.allFinite() || !beside.allFinite() || !differs(here)) return here;
  for (const double to : {-1.0, -kFarther, kFarther})
    if (differs(hessian_at(f, x + to * step))) return here;
  return beside;
}

}  // namespace

Spectrum spectrum_at(const Differentiable& objective, std::span<const double> point, double negligible, double beside) {
  constexpr double kClose = 1e-3;              // of that distance
  constexpr double kApart = 1e3 * kEpsilon;    // of the coordinates
  constexpr double kSame = 2;                  // a genuine curvature changes by less over a small distance
  constexpr double kBeyond = 4;                // times as far as the slope's zero may be
  constexpr double kRounding = 64 * kEpsilon;  // of the largest: what the solver leaves of 0
  Spectrum spectrum;
  const Vector x = vector_of(point);
  const double close = std::max(kClose * beside, kApart * x.lpNorm<Eigen::Infinity>());
  const Matrix hessian = hessian_of(objective, x, close);
  if (!hessian.allFinite()) return spectrum;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const double largest = solver.eigenvalues().cwiseAbs().maxCoeff();
  const Vector gradient = gradient_at(objective, x);
  const double noise = rounding_at(objective, x, hessian).gradient.stableNorm();
  const auto changes = [&](double lambda, const Vector& v, double distance) {
    const Vector y = x + distance * v;
    if (y == x) return false;
    const double there = v.dot(hessian_at(objective, y) * v) / lambda;
    return !(there > 1 / kSame && there < kSame);
  };
  const auto is_known = [&](double lambda, const Vector& v) {
    const double reach = kBeyond * std::max(std::abs(v.dot(gradient)), noise) / std::abs(lambda);
    return reach == 0 || !changes(lambda, v, -reach) || !changes(lambda, v, reach);
  };
  const auto is_genuine = [&](double lambda, const Vector& v) {
    if (std::abs(lambda) <= kRounding * largest) return false;
    if (std::abs(v.dot(gradient)) > std::abs(lambda) * beside) return false;  // a tail: the slope is 0 nowhere near
    return !changes(lambda, v, -beside) && !changes(lambda, v, beside);
  };
  for (Eigen::Index i = 0; i < hessian.rows(); ++i) {
    const double lambda = solver.eigenvalues()[i];
    const Vector v = solver.eigenvectors().col(i);
    const bool counts = std::abs(lambda) > negligible ? is_known(lambda, v) : is_genuine(lambda, v);
    spectrum.eigenvalues.push_back(counts ? lambda : 0);
    spectrum.vectors.emplace_back(v.data(), v.data() + v.size());
  }
  return spectrum;
}

}  // namespace etamax
