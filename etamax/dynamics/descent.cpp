#include "etamax/dynamics/descent.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "etamax/dynamics/detail_eigen.h"
#include "etamax/dynamics/detail_rounding.h"
#include "etamax/dynamics/stationary_point.h"

namespace etamax {
namespace {

using namespace detail;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// (1 - exp(-z)) / z: the exact step of x' = -(g + H x) over a unit of time, per eigenvalue.
double decay_factor(double z) {
  constexpr double kSeries = 1e-8;  // below it the next term of the series, z^2 / 6, is less than the last digit
  return std::abs(z) < kSeries ? 1 - z / 2 : -std::expm1(-z) / z;
}

constexpr double kLongestTime = 1e300;  // of a step of the flow; as long as all before it

/// Gradient flow on its way: where it is, and the steps that led there.
struct Flow {
  Vector x, g;
  double f = 0, f_start = 0;
  double time = 0;  ///< of the flow, for the next step; 0 before the first
  Vector reach;     ///< by coordinate: how far from 0 it has been
  std::vector<double> lengths, falls;
  std::vector<double> clock;          ///< the time after each step
  double traveled = 0, steepest = 0;  ///< the sum of the lengths; the largest gradient

  std::size_t steps() const { return lengths.size(); }
  double fall() const { return f_start - f; }
};

Flow flow_from(const Differentiable& objective, std::span<const double> start) {
  Flow flow;
  flow.x = vector_of(start);
  flow.f = flow.f_start = value_at(objective, flow.x);
  flow.g = gradient_at(objective, flow.x);
  flow.steepest = flow.g.stableNorm();
  flow.reach = flow.x.cwiseAbs();
  return flow;
}

/// The time in which the steepest direction settles; where there is no curvature, that of a step as long as x.
double first_time(const Flow& flow, const Vector& eigenvalues) {
  const double curvature = eigenvalues.cwiseAbs().maxCoeff();
  return curvature > 0 ? 1 / curvature : std::max(flow.x.stableNorm(), 1.0) / flow.g.stableNorm();
}

void move_to(Flow& flow, const Vector& y, double f, const Vector& g) {
  flow.lengths.push_back((y - flow.x).stableNorm());
  flow.falls.push_back(flow.f - f);
  flow.clock.push_back((flow.clock.empty() ? 0 : flow.clock.back()) + flow.time);
  flow.traveled += flow.lengths.back();
  flow.x = y, flow.f = f, flow.g = g;
  flow.steepest = std::max(flow.steepest, flow.g.stableNorm());
  flow.reach = flow.reach.cwiseMax(y.cwiseAbs());
  flow.time = std::min(flow.time * 2, kLongestTime);
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
  axes.rounding = kEpsilon * axes.curvature.cwiseAbs().cwiseProduct(spread);
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
  Matrix hessian = hessian_at(objective, flow.x);
  cost.hvps += flow.x.size();
  if (!hessian.allFinite()) hessian.setZero();  // such as 0 * inf, beside max(x, 0)^1.5: by the gradient alone
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
  // be the one predicted, a few waves of a cosine away. (Later ones grow by 2.)
  const auto leaps = [&] {
    for (const double part : {0.5, 0.3, 0.1}) {
      const Vector dx = way_after(part * flow.time), g = gradient_at(objective, flow.x + dx);
      ++cost.gradients;
      if (!(stray_at(dx, g) <= kTurn * slope)) return true;
    }
    return false;
  };
  for (int trial = 0; trial < kTrials; ++trial) {
    const Vector dx = way_after(flow.time), y = flow.x + dx;
    if (!y.allFinite()) return Step::escaped;
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
    const double f = value_at(objective, y);
    const Vector g = gradient_at(objective, y);
    ++cost.forwards, ++cost.gradients;
    if (f == -std::numeric_limits<double>::infinity() && !objective.domain_fault(view(y))) return Step::escaped;
    const double noise = kRounding * (std::abs(flow.f) + std::abs(f)) + value_rounding;
    if (std::isfinite(f) && g.allFinite() && stray_at(dx, g) <= kTurn * slope && f <= flow.f + noise &&
        !objective.pole_between(view(flow.x), view(y)) && (flow.steps() > 0 || !leaps())) {
      move_to(flow, y, f, g);
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
    flow.time /= kShorter;
  }
  return Step::none;
}

/// The last step was in the last digits of x.
bool moves_last_digits(const Flow& flow) {
  constexpr double kOfPoint = 4 * kEpsilon;
  return flow.lengths.back() <= kOfPoint * flow.x.stableNorm();
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

/// What ended the flow.
enum class FlowEnd {
  still,     ///< it moves no more: a zero slope, or steps and slopes that are nothing but rounding
  none,      ///< no step is short enough: a corner, or the last digits of a smooth minimum
  underway,  ///< far out, or late: it would go on
  escaped,   ///< to infinity
};

/// Moves the flow until it stands still.
FlowEnd follow_flow(const Differentiable& objective, Flow& flow, Cost& cost) {
  constexpr std::size_t kSteps = 4000;
  constexpr double kFar = 1e200;  // squares of such numbers are infinite
  while (flow.steps() < kSteps && flow.time < kLongestTime) {
    if (flow.g.isZero(0)) return FlowEnd::still;
    const Step step = make_step(objective, flow, cost);
    if (step == Step::escaped) return FlowEnd::escaped;
    if (step == Step::none) return FlowEnd::none;
    if (step == Step::lost) return FlowEnd::still;
    if (flow.x.stableNorm() > kFar) return FlowEnd::underway;
    if (stands_still(flow) && !leaves_saddle(objective, flow, cost)) return FlowEnd::still;
  }
  return FlowEnd::underway;
}

/// The flow has come to a point. A gradient of 0 may also be that of a place so flat that it underflows: then the
/// flow comes there in one leap.
bool has_settled(const Differentiable& objective, const Flow& flow) {
  constexpr double kLeap = 0.5, kSettled = 1e-9;  // of the way
  if (!flow.g.isZero(0))
    return flow.steps() > 0 && (flow.lengths.back() <= kSettled * flow.traveled || moves_last_digits(flow));
  return flow.steps() == 0 || flow.lengths.back() <= kLeap * flow.traveled ||
         classify_point(objective, view(flow.x)) == PointKind::minimum;
}

/// Falls that shrink ever more slowly and still have a finite sum, as those of 1/log(x): over the later half they add
/// up to clearly less than over the quarter before it. Those of log(log(x)) add up to the same.
bool falls_have_a_sum(const Flow& flow) {
  constexpr std::size_t kMany = 80;
  constexpr double kLess = 0.8;
  const std::size_t n = flow.steps();
  const auto sum = [&](std::size_t from, std::size_t to) {
    return std::accumulate(flow.falls.begin() + static_cast<std::ptrdiff_t>(from),
                           flow.falls.begin() + static_cast<std::ptrdiff_t>(to), 0.0);
  };
  return n >= kMany && sum(n / 2, n) < kLess * sum(n / 4, n / 2);
}

/// Falls that keep their size lead to minus infinity, be it at infinity or, in ever shorter steps, at a pole (log(x)
/// at 0).
bool falls_without_bound(const Differentiable& objective, const Flow& flow, FlowEnd end) {
  constexpr std::size_t kBack = 10;                    // steps over which falls are compared
  constexpr double kKeeps = 0.1;                       // of the fall then: that of a convergent flow all but vanishes
  constexpr double kNotable = 1e-6, kRounding = 1e-9;  // of the whole fall
  const std::size_t n = flow.steps();
  if (n == 0 || falls_have_a_sum(flow)) return false;
  const double last = flow.falls.back();
  if (n >= 2 * kBack && last > kNotable * flow.fall() && last > kKeeps * flow.falls[n - 1 - kBack]) return true;
  return end == FlowEnd::underway && !has_settled(objective, flow) && last > kRounding * flow.fall();
}

/// The way that the flow makes from one time to another.
double way_between(const Flow& flow, double from, double to) {
  double way = 0;
  for (std::size_t k = 0; k < flow.steps(); ++k)
    if (flow.clock[k] > from && flow.clock[k] <= to) way += flow.lengths[k];
  return way;
}

/// How often the time has doubled since the first step.
double doublings_of(const Flow& flow) { return std::log2(flow.clock.back()) - std::log2(flow.clock.front()); }

/// The way does not shrink from doubling to doubling of the time while the value settles: the infimum lies at infinity.
/// Near a point it shrinks. (Steps will not do: rounding cuts some of them short.)
bool has_no_end(const Flow& flow) {
  constexpr std::size_t kLeast = 6;    // steps
  constexpr double kNothing = 1e-9;    // of the way: it has come to a point
  constexpr double kMany = 80;         // doublings: the last quarter of them is compared with the one before
  constexpr double kKeeps = 0.6;       // of many; towards the bottom of x^100 it is 0.2 after 1000 of them
  constexpr double kKeepsInFew = 0.8;  // and towards that of x^10 0.65 after 20
  const std::size_t n = flow.steps();
  if (n < kLeast || flow.lengths[n - 1] <= kNothing * flow.traveled) return false;
  const double end = flow.clock.back(), doublings = doublings_of(flow);
  const double quarter = end * std::exp2(-doublings / 4), half = end * std::exp2(-doublings / 2);
  const double late = way_between(flow, quarter, end), before = way_between(flow, half, quarter);
  return late > kNothing * flow.traveled && late > (doublings < kMany ? kKeepsInFew : kKeeps) * before;
}

/// A kink at which the slope jumps but keeps its sign, in one variable: no step is short enough to pass it as the flow
/// does, which goes on beyond. Moves the flow there.
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
  move_to(flow, y, f, g);
  flow.time = 0;
  return true;
}

/// The machine's numbers end here, and not the way: it has not become shorter, and what stops the flow (a slope of 0,
/// or one that jumps) is what has become of intermediate results that are too large or too small for them.
bool ends_with_the_numbers(const Differentiable& objective, const Flow& flow, const Vector& start) {
  constexpr double kBeyond = 1e-6;  // of the way
  constexpr double kKeeps = 0.8;    // of the way in the quarter of the doublings of time before
  if (flow.steps() == 0) return false;
  const double end = flow.clock.back(), doublings = doublings_of(flow);
  const double quarter = end * std::exp2(-doublings / 4), half = end * std::exp2(-doublings / 2);
  if (way_between(flow, quarter, end) < kKeeps * way_between(flow, half, quarter)) return false;
  const Vector beyond = flow.x + kBeyond * (flow.x - start);
  return !objective.in_range(view(flow.x)) || !objective.in_range(view(beyond));
}

/// The flow without its last steps, which were cut short by the end of the numbers.
void leave_out_short_steps(Flow& flow) {
  const auto longest = std::max_element(flow.lengths.begin(), flow.lengths.end());
  const auto kept = static_cast<std::size_t>(longest - flow.lengths.begin()) + 1;
  flow.lengths.resize(kept), flow.falls.resize(kept), flow.clock.resize(kept);
}

/// How far the flow still had to go if its way went on to shrink, over many doublings of the time, as it did.
double way_left(const Flow& flow) {
  constexpr double kShare = 8;  // of the doublings, but one at least
  if (flow.steps() < 2) return 0;
  const double end = flow.clock.back();
  const double factor = std::exp2(-std::max(1.0, doublings_of(flow) / kShare));
  const double late = way_between(flow, factor * end, end);
  const double before = way_between(flow, factor * factor * end, factor * end);
  return late < before ? late * late / (before - late) : 0;
}

/// What there is to say of the point that the flow has come to; `steep`: the slope is steep right beside it.
void describe_end(const Differentiable& objective, const Flow& flow, bool steep, Descent& descent) {
  constexpr double kLastDigits = 1e-7;               // of the mean curvature of the way: that of the last digits of x
  constexpr double kBeside = 1e-3, kNearest = 1e-7;  // of the way
  constexpr double kFallRadius = 1e3;                // of the nearest: from where a fall of high order shows
  constexpr double kBeyond = 4;                      // times the way that is left: on all sides of where it leads
  const bool moved = flow.traveled > 0;
  const double negligible = moved ? kLastDigits * flow.steepest / flow.traveled : 0;
  Spectrum spectrum = spectrum_at(objective, descent.point, negligible, kBeside * flow.traveled);
  descent.eigenvalues = std::move(spectrum.eigenvalues);
  descent.vectors = std::move(spectrum.vectors);
  descent.bounded_curvature = !moved || !curvature_is_unbounded(objective, descent.point, flow.traveled);
  descent.even_curvature = !moved || !curvature_jumps(objective, descent.point, descent.vectors, flow.traveled);
  const bool corner = steep && descent.bounded_curvature;
  descent.smooth = !corner;
  const Surroundings around = look_around(objective, descent.point);
  descent.at_domain_edge = around.at_domain_edge;
  const bool flat = std::find(descent.eigenvalues.begin(), descent.eigenvalues.end(), 0.0) != descent.eigenvalues.end();
  descent.kind = corner ? around.kind : classify_point(objective, descent.point);
  if (corner || !moved) return;
  // Where some direction has no curvature but that of its last digits, the Hessian's signs are those of rounding, and
  // the flow has not quite come to the point: what counts is what lies around it on the scale of the way.
  if (flat) {
    const double radius = std::max(kNearest * flow.traveled, kBeyond * way_left(flow));
    descent.kind = look_around(objective, descent.point, radius).kind;
    // Beside a curvature such as that of x^2 - y^4, the fall along y is nothing.
    if (descent.kind == PointKind::minimum &&
        falls_where_flat(objective, descent.point, descent.eigenvalues, descent.vectors, kFallRadius * radius))
      descent.kind = PointKind::saddle;
  }
  // No way leads down to a maximum: the slope has no bound there, as that of abs(x)^0.5 at 0.
  if (descent.kind != PointKind::maximum) return;
  descent.kind = around.kind;
  descent.smooth = false;
}

}  // namespace

Descent descend(const Differentiable& objective, std::span<const double> start, Cost& cost) {
  constexpr int kKinks = 20;
  Descent descent;
  Flow flow = flow_from(objective, start);
  if (!std::isfinite(flow.f) || !flow.g.allFinite()) {
    descent.outcome = Descent::Outcome::undefined;
    return descent;
  }
  FlowEnd end = follow_flow(objective, flow, cost);
  for (int kink = 0; kink < kKinks && (end == FlowEnd::none || end == FlowEnd::still) && passes_kink(objective, flow);
       ++kink)
    end = follow_flow(objective, flow, cost);
  descent.point.assign(flow.x.data(), flow.x.data() + flow.x.size());
  const bool cut_short = end != FlowEnd::underway && ends_with_the_numbers(objective, flow, vector_of(start));
  if (cut_short) leave_out_short_steps(flow), end = FlowEnd::underway;
  if (end == FlowEnd::escaped || falls_without_bound(objective, flow, end)) {
    descent.outcome = Descent::Outcome::unbounded_below;
    return descent;
  }
  const bool moved = flow.steps() > 0;
  const bool steep = moved && slope_jumps(objective, descent.point, flow.traveled, flow.steepest);
  if (cut_short || (!steep && has_no_end(flow))) {
    descent.outcome = Descent::Outcome::drifts;
    return descent;
  }
  describe_end(objective, flow, steep, descent);
  const bool bottom = descent.kind == PointKind::minimum || (descent.kind == PointKind::flat && moved);
  descent.outcome = bottom ? Descent::Outcome::minimum : Descent::Outcome::other_point;
  // The flow goes on along a kink (abs(x) + abs(y) at x = 0), where steps that follow the slope do not.
  if (steep && descent.kind == PointKind::saddle && flow.x.size() > 1) descent.outcome = Descent::Outcome::unclear;
  return descent;
}

}  // namespace etamax
