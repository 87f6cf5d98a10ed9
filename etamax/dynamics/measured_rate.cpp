#include "etamax/dynamics/measured_rate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etamax {
namespace {

/// Few enough to follow a law that changes slowly, more than a chance agreement.
constexpr std::size_t kLastSteps = 8;

/// The coordinate that says most about a run around `center`: the one that is farthest from it in the middle.
std::size_t telling_axis(const Trajectory& path, std::span<const double> center) {
  const auto middle = path.point(path.size() / 2);
  std::size_t axis = 0;
  for (std::size_t j = 1; j < center.size(); ++j)
    if (std::abs(middle[j] - center[j]) > std::abs(middle[axis] - center[axis])) axis = j;
  return axis;
}

bool changes_sides(const Trajectory& path, std::size_t k, std::size_t axis, std::span<const double> center) {
  return (path.point(k)[axis] - center[axis]) * (path.point(k - 1)[axis] - center[axis]) < 0;
}

/// The last steps before `end` each change sides.
bool keeps_changing_sides(const Trajectory& path, std::size_t end, std::span<const double> center) {
  for (std::size_t k = end - std::min(kLastSteps, end - 1); k < end; ++k)
    if (!changes_sides(path, k, 0, center)) return false;
  return true;
}

/// A distance that falls or grows like a power of time changes by next to nothing a step, and half as late by twice
/// that: by steps of one length, too.
bool is_power_law(const Trajectory& path, std::size_t end, std::span<const double> center, double factor) {
  constexpr double kSlow = 0.05, kAnother = 1.5;
  const std::size_t half = end / 2;
  if (std::abs(factor - 1) > kSlow || half < 1) return false;
  const double then = distance(path.point(half), center) / distance(path.point(half - 1), center);
  return std::abs(then - 1) > kAnother * std::abs(factor - 1);
}

/// The factor from step to step, where it stays the same.
std::optional<double> constant_factor(const Trajectory& path, std::size_t end, std::span<const double> center) {
  constexpr double kSame = 1e-3;  // what is shown of a factor: three digits
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t k = end - std::min(kLastSteps, end - 1); k < end; ++k) {
    double ratio = distance(path.point(k), center) / distance(path.point(k - 1), center);
    if (path.dimension() == 1 && changes_sides(path, k, 0, center)) ratio = -ratio;
    low = std::min(low, ratio);
    high = std::max(high, ratio);
  }
  if (!(high - low <= kSame * std::max(std::abs(low), std::abs(high)))) return {};  // or it is no number
  const double factor = (low + high) / 2;
  return is_power_law(path, end, center, std::abs(factor)) ? std::nullopt : std::optional(factor);
}

/// The mean factor, where that stays the same: complex multipliers beat, so it is taken from the largest distances in
/// whole windows, the last three sixths of the points.
std::optional<double> mean_factor(const Trajectory& path, std::size_t end, std::span<const double> center) {
  constexpr std::size_t kShortestWindow = 16;  // a shorter one may miss the crest of a beat
  constexpr double kSame = 0.05;               // of the logarithms: windows cut the beat at different phases
  const std::size_t window = end / 6;
  if (window < kShortestWindow) return {};
  const auto largest = [&](std::size_t from) {
    double d = 0;
    for (std::size_t k = from; k < from + window; ++k) d = std::max(d, distance(path.point(k), center));
    return d;
  };
  const double first = largest(end - 3 * window), second = largest(end - 2 * window), third = largest(end - window);
  const double early = std::log(second / first) / static_cast<double>(window),
               late = std::log(third / second) / static_cast<double>(window);
  if (!std::isfinite(early) || !std::isfinite(late) || std::abs(early - late) > kSame * std::abs(late)) return {};
  return std::exp((early + late) / 2);
}

}  // namespace

std::optional<double> measured_rate(const Trajectory& path, std::size_t end, std::span<const double> center) {
  if (end < kPointsForRate) return {};
  if (const auto factor = constant_factor(path, end, center)) return factor;
  const auto factor = mean_factor(path, end, center);
  return factor && path.dimension() == 1 && keeps_changing_sides(path, end, center) ? -*factor : factor;
}

Mode measured_mode(const Trajectory& path, std::size_t end, std::span<const double> center) {
  const std::size_t axis = telling_axis(path, center);
  for (std::size_t k = std::max<std::size_t>(end / 2, 1); k < end; ++k)
    if (changes_sides(path, k, axis, center)) return Mode::oscillating;
  return Mode::monotone;
}

double snapped_to_theory(double rate, const LocalTheory& theory, const Descent& descent, double lr) {
  constexpr double kSame = 2e-3;      // twice what a constant factor may vary by
  constexpr double kSmallest = 0.05;  // smaller factors are measured no better than this one
  if (!theory.applies()) return rate;
  const bool is_signed = descent.point.size() == 1;
  for (std::size_t i = 0; i < descent.eigenvalues.size(); ++i) {
    const double m = theory.multiplier(i, lr);
    if (std::abs(std::abs(m) - std::abs(rate)) > kSame * std::max(std::abs(m), kSmallest)) continue;
    return is_signed && rate < 0 ? -std::abs(m) : std::abs(m);
  }
  return rate;
}

}  // namespace etamax
