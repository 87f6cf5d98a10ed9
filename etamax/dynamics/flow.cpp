#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/dynamics/detail_flow.h"
#include "etamax/dynamics/detail_rounding.h"
#include "etamax/dynamics/stationary_point.h"

namespace etamax::detail {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// (1 - exp(-z)) / z: the exact step of x' = -(g + H x) over a unit of time, per eigenvalue.
double decay_factor(double z) {
  constexpr double kSeries = 1e-8;  // below it the next term of the series, z^2 / 6, is less than the last digit
  return std::abs(z) < kSeries ? 1 - z / 2 : -std::expm1(-z) / z;
}

/// The time in which the steepest direction settles; where there is no curvature, that of a step as long as x.
double first_time(const Flow& flow, const Vector& eigenvalues) {
  const double curvature = eigenvalues.cwiseAbs().maxCoeff();
  return curvature > 0 ? 1 / curvature : std::max(flow.x.stableNorm(), 1.0) / flow.g.stableNorm();
}

enum class Step {
  made,
  none,     ///< it shrank to nothing: the last digits of a smooth minimum, or a corner
  lost,     ///< the gradient is rounding
  escaped,  ///< to infinity, or to a value of minus infinity
};

bool leaves_saddle(const Differentiable& objective, const Flow& flow, Cost& cost);

/// The Hessian's axes at a point of the flow, and how far rounding of the coordinates alone puts the slope along each
/// from 0: along the bottom of a valley, nothing; across it, the last digits of x times its curvature.
struct Axes {
  Vector curvature, rounding;
  Matrix directions;

  /// The size of a slope, given along the axes, beyond rounding.
  double beyond_rounding(const Vector& slope) const { return (slope.cwiseAbs() - rounding).cwiseMax(0).stableNorm(); }
};

Axes axes_of(const Matrix& hessian, const Vector& x) {
  constexpr double kSolver =
      4 * kEpsilon;  // of the largest: what the eigenvalue solver leaves of 0, where it has to turn
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  Axes axes{solver.eigenvalues(), {}, solver.eigenvectors()};
  if (!hessian.isDiagonal(0)) {
    const double zero = kSolver * axes.curvature.cwiseAbs().maxCoeff();
    axes.curvature = axes.curvature.unaryExpr([&](double c) { return std::abs(c) <= zero ? 0 : c; });
  }
  const Vector spread = axes.directions.cwiseAbs().transpose() * x.cwiseAbs();
  axes.rounding = (kEpsilon * axes.curvature.cwiseAbs()).cwiseProduct(spread);
  return axes;
}

/// One step of the exponential integrator. Its time shrinks until the local quadratic predicts the gradient at its end.
Step make_step(const Differentiable& objective, Flow& flow, Cost& cost) {
  constexpr int kTrials = 200;
  constexpr double kTurn = 0.1;               // of the gradient: how far it may stray from its prediction
  constexpr double kRounding = 8 * kEpsilon;  // of the two values: what may seem a rise
  constexpr double kLost = 1e-2;              // of the gradient: rounding that may turn it by kTurn from step to step
  constexpr long kRoundingCost = 4;
  constexpr double kLastDigits = 16 * kEpsilon;  // of x: a step so short moves nothing else
  constexpr double kLonger = 2, kShorter = 3;    // no power of 2, by which times grow: every trial is another
  constexpr int kPatient = 60;                   // trials; a first time may be longer by the whole range of numbers
  constexpr double kImpatient = 1e6;
  const Matrix hessian = known_hessian_at(objective, flow.x);
  cost.hvps += flow.x.size();
  Axes axes = axes_of(hessian, flow.x);
  const Vector& lambda = axes.curvature;
  const Vector g_eigen = axes.directions.transpose() * flow.g;
  double slope = axes.beyond_rounding(g_eigen);
  if (slope == 0 && flow.steps() > 0 && !leaves_saddle(objective, flow, cost)) return Step::lost;
  if (flow.time == 0) flow.time = first_time(flow, lambda);
  const double first = flow.time;
  double value_rounding = 0;
  const auto way_after = [&](double time) -> Vector {
    Vector step(flow.x.size());
    for (Eigen::Index i = 0; i < step.size(); ++i) step[i] = -time * decay_factor(time * lambda[i]) * g_eigen[i];
    return axes.directions * step;
  };
  const auto stray_at = [&](const Vector& dx, const Vector& g) {
    return axes.beyond_rounding(axes.directions.transpose() * (g - (flow.g + hessian * dx)));
  };
  // The first time comes from the curvature alone: where that is all but 0, a leap may end where the slope happens to
  // be the one predicted, a few waves of a cosine away, or behind a valley that is nothing beside it. (Later ones grow
  // by 2.)
  const auto leaps = [&] {
    constexpr double kSmall = 0.1;  // of x: a step so short passes nothing that is as wide as x is large
    constexpr int kDecades = 40;
    const auto leaps_by = [&](const Vector& dx) {
      ++cost.gradients;
      return !(stray_at(dx, gradient_at(objective, flow.x + dx)) <= kTurn * slope);
    };
    for (const double part : {0.5, 0.3, 0.1})
      if (leaps_by(way_after(part * flow.time))) return true;
    double part = 0.01;
    for (int k = 0; k < kDecades; ++k, part /= 10) {
      const Vector dx = way_after(part * flow.time);
      if (dx.stableNorm() <= kSmall * flow.x.stableNorm()) return false;
      if (leaps_by(dx)) return true;
    }
    return false;
  };
  for (int trial = 0; trial < kTrials; ++trial) {
    const Vector dx = way_after(flow.time), y = flow.x + dx;
    // At the start the steepest direction may settle long before a gentle one has moved a digit.
    if (trial == 0 && flow.steps() == 0 && flow.time < kLongestTime &&
        dx.stableNorm() <= kLastDigits * flow.x.stableNorm()) {
      if (slope > 0 && flow.time == first) {
        const Rounding rounding = rounding_at(objective, flow.x, hessian);
        cost.forwards += kRoundingCost, cost.gradients += kRoundingCost;
        axes.rounding += axes.directions.cwiseAbs().transpose() * rounding.gradient;
        if (axes.beyond_rounding(kTurn * g_eigen) == 0) return Step::lost;
      }
      flow.time *= kLonger;
      --trial;
      continue;
    }
    if (y == flow.x) return Step::none;
    const bool finite = y.allFinite();  // else a time too long for a curvature below 0, at first
    const double f = finite ? value_at(objective, y) : std::numeric_limits<double>::infinity();
    const Vector g = finite ? gradient_at(objective, y) : y;
    ++cost.forwards, ++cost.gradients;
    if (f == -std::numeric_limits<double>::infinity() && !objective.domain_fault(view(y))) return Step::escaped;
    const double noise = kRounding * (std::abs(flow.f) + std::abs(f)) + value_rounding;
    if (std::isfinite(f) && g.allFinite() && stray_at(dx, g) <= kTurn * slope && f <= flow.f + noise &&
        !objective.pole_between(view(flow.x), view(y)) && (flow.steps() > 0 || !leaps())) {
      flow.move_to(y, f, g);
      return Step::made;
    }
    if (trial == 0) {  // is it the function that bends, or the numbers?
      const Rounding rounding = rounding_at(objective, flow.x, hessian);
      cost.forwards += kRoundingCost, cost.gradients += kRoundingCost;
      value_rounding = rounding.value;
      axes.rounding += axes.directions.cwiseAbs().transpose() * rounding.gradient;
      slope = axes.beyond_rounding(g_eigen);
      if (axes.beyond_rounding(kLost * g_eigen) == 0 && !leaves_saddle(objective, flow, cost)) return Step::lost;
    }
    flow.time /= trial < kPatient ? kShorter : kImpatient;
  }
  return Step::none;
}

/// The last step was nothing beside x, or beside the way and the fall.
bool stands_still(const Flow& flow) {
  constexpr double kOfWay = 1e-17;  // below the last digit of both sums
  return moves_last_digits(flow) ||
         (flow.lengths.back() <= kOfWay * flow.traveled && flow.falls.back() <= kOfWay * std::abs(flow.fall()));
}

/// It rests at a saddle for the moment only: downhill it has a slope that is more than rounding has put there, however
/// little that is beside the rest (x^2 - y^2 from y = 1e-100).
bool leaves_saddle(const Differentiable& objective, const Flow& flow, Cost& cost) {
  constexpr double kRounding = 64 * kEpsilon;  // of the coordinates on their way
  constexpr double kZero = 1e-9;               // of the largest: what the eigenvalue solver leaves of 0
  const Matrix hessian = hessian_at(objective, flow.x);
  cost.hvps += flow.x.size();
  if (!hessian.allFinite()) return false;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const Vector& lambda = solver.eigenvalues();
  const double zero = kZero * lambda.cwiseAbs().maxCoeff();
  for (Eigen::Index i = 0; i < lambda.size() && lambda[i] < -zero; ++i) {
    const Vector v = solver.eigenvectors().col(i);
    if (std::abs(v.dot(flow.g)) > kRounding * -lambda[i] * v.cwiseAbs().dot(flow.reach)) return true;
  }
  return false;
}

}  // namespace

void Flow::move_to(const Vector& y, double value, const Vector& gradient) {
  lengths.push_back((y - x).stableNorm());
  falls.push_back(f - value);
  clock.push_back((clock.empty() ? 0 : clock.back()) + time);
  traveled += lengths.back();
  x = y, f = value, g = gradient;
  steepest = std::max(steepest, g.stableNorm());
  reach = reach.cwiseMax(y.cwiseAbs());
  time = std::min(time * 2, kLongestTime);
}

Matrix known_hessian_at(const Differentiable& objective, const Vector& x) {
  return hessian_at(objective, x).unaryExpr([](double h) { return std::isfinite(h) ? h : 0; });
}

Flow flow_from(const Differentiable& objective, std::span<const double> start) {
  Flow flow;
  flow.x = vector_of(start);
  flow.f = flow.f_start = value_at(objective, flow.x);
  flow.g = gradient_at(objective, flow.x);
  flow.steepest = flow.g.stableNorm();
  flow.reach = flow.x.cwiseAbs();
  return flow;
}

bool moves_last_digits(const Flow& flow) {
  constexpr double kOfPoint = 4 * kEpsilon;
  return flow.lengths.back() <= kOfPoint * flow.x.stableNorm();
}

bool crawls(const Flow& flow) {
  constexpr double kLittle = 1e3;
  return flow.clock.back() < kLittle * flow.clock[flow.steps() / 2];
}

FlowEnd follow_flow(const Differentiable& objective, Flow& flow, Cost& cost, const Progress& progress) {
  constexpr std::size_t kSteps = 4000, kInValleys = 4000, kUnasked = 64;
  constexpr double kFar = 1e200;  // squares of such numbers are infinite
  // A step of many variables takes long by itself: it has a matrix's eigenvalues.
  const std::size_t unasked = std::max<std::size_t>(kUnasked / static_cast<std::size_t>(flow.x.size()), 1);
  while (flow.time < kLongestTime) {
    if (flow.steps() % unasked == 0) report_progress(progress, 0);
    if (flow.g.isZero(0)) return FlowEnd::still;
    if (flow.steps() == kSteps && !crawls(flow)) return FlowEnd::underway;
    if (flow.steps() >= kSteps + kInValleys) return FlowEnd::used_up;
    if (flow.steps() >= kSteps) {
      if (!step_along_valley(objective, flow, cost)) return FlowEnd::used_up;
    } else {
      const Step step = make_step(objective, flow, cost);
      if (step == Step::escaped) return FlowEnd::escaped;
      if (step == Step::none) return FlowEnd::none;
      if (step == Step::lost) return FlowEnd::still;
    }
    if (flow.x.stableNorm() > kFar) return FlowEnd::underway;
    if (stands_still(flow) && !leaves_saddle(objective, flow, cost)) return FlowEnd::still;
  }
  return FlowEnd::underway;
}

bool slides_off_ridge(const Differentiable& objective, Flow& flow, const Vector& start) {
  constexpr double kBeside = 1e-9;          // of the way: the side that it came from
  constexpr double kStill = 1e-8;           // of the steepest slope
  constexpr double kPush = 256 * kEpsilon;  // of the coordinates on their way: more than rounding
  constexpr double kZero = 1e-9;            // of the largest: what the eigenvalue solver leaves of 0
  if (flow.steps() == 0 || flow.g.stableNorm() > kStill * flow.steepest) return false;
  const Matrix hessian = hessian_at(objective, flow.x);
  if (!hessian.allFinite()) return false;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const Vector& lambda = solver.eigenvalues();
  const Vector v = solver.eigenvectors().col(0);
  if (!(lambda[0] < -kZero * lambda[lambda.size() - 1] && lambda[lambda.size() - 1] > 0)) return false;
  const double side = v.dot(start - flow.x), slope = v.dot(flow.g);
  if (std::abs(side) <= kBeside * flow.traveled) return false;
  const double push = kPush * v.cwiseAbs().dot(flow.reach);
  const Vector y = flow.x + std::copysign(push, slope != 0 ? -slope : side) * v;
  const double f = value_at(objective, y);
  const Vector g = gradient_at(objective, y);
  if (!std::isfinite(f) || !g.allFinite()) return false;
  flow.move_to(y, f, g);
  flow.time = 0;
  return true;
}

bool passes_kink(const Differentiable& objective, Flow& flow) {
  constexpr double kBeside = 1e-12;         // of the way
  constexpr double kApart = 64 * kEpsilon;  // of the coordinate
  constexpr double kSlope = 1e-6;           // of the steeper side: what the other one has, where it has a slope
  if (flow.x.size() != 1 || flow.steps() == 0) return false;
  if (!slope_jumps(objective, view(flow.x), flow.traveled, flow.steepest)) return false;
  const Vector beside = Vector::Constant(1, std::max(kBeside * flow.traveled, kApart * std::abs(flow.x[0])));
  const double left = gradient_at(objective, flow.x - beside)[0], right = gradient_at(objective, flow.x + beside)[0];
  if (!(left * right > 0) || !(std::min(left / right, right / left) > kSlope)) return false;
  const Vector y = flow.x - (left > 0 ? beside : -beside);
  const double f = value_at(objective, y);
  const Vector g = gradient_at(objective, y);
  if (!std::isfinite(f) || !g.allFinite() || !(f < flow.f) || objective.pole_between(view(flow.x), view(y)))
    return false;
  flow.move_to(y, f, g);
  flow.time = 0;
  return true;
}

}  // namespace etamax::detail
