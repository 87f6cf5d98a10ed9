#include "etamax/dynamics/tail_tests.h"

#include <algorithm>
#include <cmath>

namespace etamax::tail {

QuarterExtents quarter_extents(const Trajectory& path) {
  constexpr std::size_t kLeast = 2;  // points: of fewer, nothing says whether they stay
  const std::size_t n = path.size(), quarter = n / 4;
  return {path.extent(0, quarter), path.extent(quarter, n / 2), path.extent(n / 2, n - quarter),
          path.extent(n - std::min(n, std::max(quarter, kLeast)), n)};
}

bool widens(const QuarterExtents& e) {
  return e.last > e.third * (1 + kWidens) && e.last - e.third > kGoesOn * (e.third - e.second);
}

std::optional<int> repeats(const Trajectory& path, const QuarterExtents& extents) {
  const int period = path.period(kLongestPeriod, kRepeats);
  if (period <= 1 || extents.last < extents.third * (1 - kSpirals)) return {};
  return period;
}

bool keeps_period(const Trajectory& path, int period, double tolerance) {
  const std::size_t n = path.size(), from = n - n / 4, p = static_cast<std::size_t>(period);
  const double allowed = tolerance * path.extent(from, n);
  for (std::size_t k = std::max(from, p); k < n; ++k)
    if (distance(path.point(k), path.point(k - p)) > allowed) return false;
  return true;
}

int apart_from_rounding(const Trajectory& path, int period) {
  constexpr double kOfExtent = 1e-3;  // points that are farther apart are different ones, however large they are
  const std::size_t n = path.size(), p = static_cast<std::size_t>(period);
  if (n < 2 * p) return period;
  const double allowed = std::min(kRounding * size_of(path.back()), kOfExtent * path.extent(n - p, n));
  for (std::size_t q = 2; q < p; ++q) {
    bool same = p % q == 0;
    for (std::size_t k = n - p; same && k < n; ++k) same = distance(path.point(k), path.point(k - q)) <= allowed;
    if (same) return static_cast<int>(q);
  }
  return period;
}

bool shrinks(const QuarterExtents& e) { return e.last < kShrinks * e.third && e.third < kShrinks * e.second; }

bool grows(const Trajectory& path, const QuarterExtents& e) {
  if (path.size() <= kPointsToGrow) return false;
  const bool outward = e.last > kGrows * e.third && e.third > kGrows * e.second && e.last > e.first;
  return outward && e.last / e.third >= e.third / e.second * (1 - kGrowthSlack);
}

bool grows_in_proportion(const QuarterExtents& e) {
  const double first = e.second - e.first, second = e.third - e.second, last = e.last - e.third;
  return e.last > kGrows * e.third && first > 0 && second > kInProportion * first && last > kInProportion * second;
}

bool creeps(const QuarterExtents& e) {
  const auto goes_on = [](double before, double now) { return now / before > kGoesOn && before / now > kGoesOn; };
  const double first = e.second / e.first - 1, second = e.third / e.second - 1, last = e.last / e.third - 1;
  return std::abs(first) > kCreeps && goes_on(first, second) && goes_on(second, last);
}

bool settles(const Trajectory& path, const QuarterExtents& extents, std::span<const double> point) {
  const double near = kTolerance * path.extent(0, path.size()) + kRounding * size_of(point);
  return extents.last <= near && distance(path.back(), point) <= near;
}

bool approaches(const Trajectory& path, const QuarterExtents& extents, std::span<const double> point) {
  const std::size_t n = path.size(), width = n / 2 / kWindows;
  if (width == 0 || !shrinks(extents)) return false;
  double before = std::numeric_limits<double>::infinity();
  for (std::size_t from = n - kWindows * width; from < n; from += width) {
    double farthest = 0;
    for (std::size_t k = from; k < from + width; ++k) farthest = std::max(farthest, distance(path.point(k), point));
    if (farthest > kWindowSlack * before) return false;
    before = farthest;
  }
  return true;
}

bool descends(const Trajectory& path) { return path.loss(path.size() - 1) < path.loss(path.size() / 2); }

bool travels(const Trajectory& path) {
  const std::size_t n = path.size(), from = n - n / 4;
  double length = 0;
  for (std::size_t k = from; k < n; ++k) length += path.step_length(k);
  return distance(path.back(), path.point(from - 1)) > kTravels * length;
}

std::optional<double> region(const QuarterExtents& extents) {
  const double extent = std::max(extents.third, extents.last);
  return extent > 0 ? std::optional(extent) : std::nullopt;
}

int loose_period(const Trajectory& path) { return path.period(kLongestLoosePeriod, kRepeatsLoosely); }

bool is_chaotic(const LyapunovEstimate& lyapunov) {
  return lyapunov.exponent > kLeastExponent && lyapunov.exponent > kStandardErrors * lyapunov.standard_error;
}

namespace {

/// The mean extent of so many parts of equal length, but for those in the first eighth: what led to the region.
double mean_extent(const Trajectory& path, std::size_t parts) {
  const std::size_t width = path.size() / parts, first = parts / 8;
  double sum = 0;
  for (std::size_t part = first; part < parts; ++part) sum += path.extent(part * width, (part + 1) * width);
  return sum / static_cast<double>(parts - first);
}

}  // namespace

bool spreads(const Trajectory& path) { return mean_extent(path, 8) > kSpreads * mean_extent(path, 64); }

}  // namespace etamax::tail
