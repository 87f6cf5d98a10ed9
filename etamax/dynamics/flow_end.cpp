#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "etamax/dynamics/detail_flow_end.h"
#include "etamax/dynamics/detail_rounding.h"
#include "etamax/dynamics/stationary_point.h"

namespace etamax::detail {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

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

/// The way that the flow makes from one time to another.
double way_between(const Flow& flow, double from, double to) {
  double way = 0;
  for (std::size_t k = 0; k < flow.steps(); ++k)
    if (flow.clock[k] > from && flow.clock[k] <= to) way += flow.lengths[k];
  return way;
}

/// How far the flow has fallen from so many doublings of the time to so many.
double fall_between(const Flow& flow, double from, double to) {
  const auto at = [&](std::size_t k) { return std::log2(flow.clock[k]) - std::log2(flow.clock.front()); };
  double fall = 0;
  for (std::size_t k = 1; k < flow.steps(); ++k) {
    const double begin = at(k - 1), end = at(k), common = std::min(to, end) - std::max(from, begin);
    if (common > 0) fall += flow.falls[k] * (common / (end - begin));
  }
  return fall;
}

/// How often the time has doubled since the first step.
double doublings_of(const Flow& flow) { return std::log2(flow.clock.back()) - std::log2(flow.clock.front()); }

/// The ways in the last quarter of the doublings of the time, and in the quarter before.
struct LateWays {
  double late, before;
};
LateWays late_ways(const Flow& flow) {
  const double end = flow.clock.back(), doublings = doublings_of(flow);
  const double quarter = end * std::exp2(-doublings / 4), half = end * std::exp2(-doublings / 2);
  return {way_between(flow, quarter, end), way_between(flow, half, quarter)};
}

/// From eighth to eighth of the doublings of the time, over the later half, their factor becomes ever smaller, as that
/// of (500 - k)^3: those of a power of the time keep theirs, and those of 1/log(x) slow down.
bool falls_vanish(const Flow& flow) {
  constexpr double kBends = 1.01;
  // A tail such as exp(-log(x)^2) nears 1/t, from below as well; toward a bottom without curvature it is a higher
  // power.
  constexpr double kTail = 0.5, kFinite = 1.05;
  const double all = doublings_of(flow), eighth = all / 8;
  std::array<double, 4> sums{};
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double from = all / 2 + static_cast<double>(k) * eighth;
    sums[k] = fall_between(flow, from, from + eighth);
  }
  const double first = sums[1] / sums[0], middle = sums[2] / sums[1], last = sums[3] / sums[2];
  const double power = -std::log2(last) / eighth;
  return first > kBends * middle && middle > kBends * last && !(power > kTail && power < kFinite);
}

}  // namespace

bool has_settled(const Differentiable& objective, const Flow& flow) {
  constexpr double kLeap = 0.5, kSettled = 1e-9;  // of the way
  if (!flow.g.isZero(0))
    return flow.steps() > 0 && (flow.lengths.back() <= kSettled * flow.traveled || moves_last_digits(flow));
  return flow.steps() == 0 || flow.lengths.back() <= kLeap * flow.traveled ||
         classify_point(objective, view(flow.x)) == PointKind::minimum;
}

bool is_at_minimum(const Differentiable& objective, const Flow& flow) {
  constexpr double kNear = 1e-6;                        // of the way
  constexpr double kFarthest = 1e-2, kClosest = 1e-14;  // of the way, by decades
  constexpr double kLess = 0.5, kMore = 2;              // times the slope that the curvature predicts
  if (flow.steps() == 0) return false;
  const Matrix hessian = hessian_at(objective, flow.x);
  if (!hessian.allFinite()) return false;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const Vector& lambda = solver.eigenvalues();
  if (!(lambda[0] > kEpsilon * lambda[lambda.size() - 1])) return false;
  const Matrix& axes = solver.eigenvectors();
  const Vector slope = axes.transpose() * flow.g;
  if ((slope.array() / lambda.array()).matrix().stableNorm() > kNear * flow.traveled) return false;
  const auto turns_around = [&](Eigen::Index i) {
    for (double radius = kFarthest * flow.traveled; radius > kClosest * flow.traveled; radius /= 10) {
      const auto beside = [&](double side) {
        const Vector y = flow.x + side * radius * axes.col(i);
        return side * axes.col(i).dot(gradient_at(objective, y)) / (lambda[i] * radius);
      };
      const double before = beside(-1), after = beside(1);
      if (std::min(before, after) >= kLess && std::max(before, after) <= kMore) return true;
    }
    return false;
  };
  for (Eigen::Index i = 0; i < lambda.size(); ++i)
    if (!turns_around(i)) return false;
  return true;
}

bool stands_on_a_slope(const Differentiable& objective, const Flow& flow) {
  constexpr double kSteep = 0.1, kLost = 1e-2;  // of the steepest slope; of the slope
  if (!(flow.g.stableNorm() > kSteep * flow.steepest)) return false;
  const Matrix hessian = hessian_at(objective, flow.x);
  if (!hessian.allFinite()) return false;
  const Vector rounding =
      rounding_at(objective, flow.x, hessian).gradient + kEpsilon * hessian.cwiseAbs() * flow.x.cwiseAbs();
  return (kLost * flow.g.cwiseAbs() - rounding).maxCoeff() > 0;
}

bool is_unresolved(const Differentiable& objective, const Flow& flow) {
  constexpr double kSteep = 0.1, kLost = 1e-2;   // of the steepest slope; of the slope
  constexpr double kDigits = 8, kAnother = 0.5;  // last digits; of the larger curvature
  if (!(flow.g.stableNorm() > kSteep * flow.steepest)) return false;
  const Matrix hessian = hessian_at(objective, flow.x);
  if (!hessian.allFinite() ||
      !(rounding_at(objective, flow.x, hessian).gradient.stableNorm() > kLost * flow.g.stableNorm()))
    return false;
  for (Eigen::Index i = 0; i < flow.x.size(); ++i)
    for (const double side : {-1.0, 1.0}) {
      Vector beside = flow.x;
      beside[i] += side * kDigits * kEpsilon * std::abs(flow.x[i]);
      const double here = hessian(i, i), there = hessian_at(objective, beside)(i, i);
      if (std::abs(there - here) > kAnother * std::max(std::abs(there), std::abs(here))) return true;
    }
  return false;
}

bool falls_run_out(const Flow& flow) {
  constexpr std::size_t kMany = 80;
  constexpr double kShrink = 0.9;
  constexpr double kStraight = 1.003;  // those of log(log(x)) are above it by 0.7% and more, and those of 1/log(x)
  const std::size_t n = flow.steps(), eighth = n / 8;
  if (n < kMany) return false;
  std::array<double, 4> sums{};  // over the eighths of the later half
  for (std::size_t k = 0; k < 4 * eighth; ++k) sums[3 - k / eighth] += flow.falls[n - 1 - k];
  if (!(sums[3] < kShrink * sums[0] && sums[3] > 0)) return false;
  return sums[0] + sums[3] <= kStraight * (sums[1] + sums[2]) || falls_vanish(flow);
}

bool falls_without_bound(const Differentiable& objective, const Flow& flow, FlowEnd end) {
  constexpr std::size_t kBack = 10;                    // steps over which falls are compared
  constexpr double kKeeps = 0.1;                       // of the fall then: that of a convergent flow all but vanishes
  constexpr double kNotable = 1e-6, kRounding = 1e-9;  // of the whole fall
  constexpr double kLastDigits = 8 * kEpsilon;         // of the value: what may seem a fall
  const std::size_t n = flow.steps();
  if (n == 0 || falls_have_a_sum(flow)) return false;
  if (end == FlowEnd::used_up && crawls(flow)) return false;  // falls of a size, for the steps are
  const double last = flow.falls.back();
  if (last <= kLastDigits * std::abs(flow.f)) return false;
  if (n >= 2 * kBack && last > kNotable * flow.fall() && last > kKeeps * flow.falls[n - 1 - kBack]) return true;
  return end == FlowEnd::underway && !has_settled(objective, flow) && last > kRounding * flow.fall();
}

bool has_no_end(const Flow& flow) {
  constexpr std::size_t kLeast = 6;    // steps
  constexpr double kNothing = 1e-9;    // of the way: it has come to a point
  constexpr double kMany = 80;         // doublings: the last quarter of them is compared with the one before
  constexpr double kKeeps = 0.6;       // of many; towards the bottom of x^100 it is 0.2 after 1000 of them
  constexpr double kKeepsInFew = 0.8;  // and towards that of x^10 0.65 after 20
  constexpr double kRecent = 4;        // times as late; towards the bottom of x^4 the way is halved by then
  const std::size_t n = flow.steps();
  if (n < kLeast || flow.lengths[n - 1] <= kNothing * flow.traveled) return false;
  const auto [late, before] = late_ways(flow);
  if (!(late > kNothing * flow.traveled && late > (doublings_of(flow) < kMany ? kKeepsInFew : kKeeps) * before))
    return false;
  // Most doublings of the time may have passed before it moved at all.
  const double end = flow.clock.back();
  return way_between(flow, end / kRecent, end) >
         kKeepsInFew * way_between(flow, end / (kRecent * kRecent), end / kRecent);
}

bool settles_fast(const Flow& flow) {
  constexpr std::size_t kSteps = 3;
  constexpr double kSlower = 0.1;  // toward the bottom of x^3 it is 1/4, of higher powers up to 1/2
  const auto speed = [&](std::size_t k) { return flow.lengths[k] / (flow.clock[k] - flow.clock[k - 1]); };
  const std::size_t n = flow.steps();
  if (n < kSteps + 2) return false;
  for (std::size_t k = n - kSteps; k < n; ++k)
    if (!(speed(k) <= kSlower * speed(k - 1))) return false;
  return true;
}

bool was_underway(const Flow& flow) {
  constexpr std::size_t kLeast = 6;  // steps
  constexpr double kKeeps = 0.7;     // of the way in a quarter of the doublings of time before
  constexpr double kNothing = 1e-6;  // of the way
  if (flow.steps() < kLeast) return false;
  const auto [late, before] = late_ways(flow);
  return late > kNothing * flow.traveled && late > kKeeps * before;
}

bool ends_with_the_numbers(const Differentiable& objective, const Flow& flow, const Vector& start) {
  constexpr double kBeyond = 1e-6;  // of the way
  constexpr double kKeeps = 0.8;    // of the way in the quarter of the doublings of time before
  if (flow.steps() == 0) return false;
  const auto [late, before] = late_ways(flow);
  if (late < kKeeps * before) return false;
  const Vector beyond = flow.x + kBeyond * (flow.x - start);
  return !objective.in_range(view(flow.x)) || !objective.in_range(view(beyond));
}

void leave_out_short_steps(Flow& flow) {
  const auto longest = std::max_element(flow.lengths.begin(), flow.lengths.end());
  const auto kept = static_cast<std::size_t>(longest - flow.lengths.begin()) + 1;
  flow.lengths.resize(kept), flow.falls.resize(kept), flow.clock.resize(kept);
}

double way_left(const Flow& flow) {
  constexpr double kShare = 8;  // of the doublings, but one at least
  if (flow.steps() < 2) return 0;
  const double end = flow.clock.back();
  const double factor = std::exp2(-std::max(1.0, doublings_of(flow) / kShare));
  const double late = way_between(flow, factor * end, end);
  const double before = way_between(flow, factor * factor * end, factor * end);
  return late < before ? late * late / (before - late) : 0;
}

}  // namespace etamax::detail
