#include "etamax/dynamics/confirmation.h"

#include <algorithm>
#include <cmath>

#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

/// The box of the last `points` of a path.
BoundingBox last_box(const Trajectory& path, std::size_t points) {
  return path.box(path.size() - std::min(points, path.size()), path.size());
}

/// Every side of one box is where that of the other is, to this share of the largest side.
bool same_place(const BoundingBox& a, const BoundingBox& b, double share) {
  double largest = 0, apart = 0;
  for (std::size_t i = 0; i < a.low.size(); ++i) {
    largest = std::max({largest, a.high[i] - a.low[i], b.high[i] - b.low[i]});
    apart = std::max({apart, std::abs(a.low[i] - b.low[i]), std::abs(a.high[i] - b.high[i])});
  }
  return apart <= share * largest + tail::kRounding * size_of(a.high);
}

/// The same points, to less than what a reader sees of their range.
bool same_cycle(const FunctionRun& early, const Trajectory& before, const FunctionRun& late, const Trajectory& after) {
  constexpr double kSamePoints = 1e-2;  // of the range
  constexpr double kSameRegion = 0.35;  // of it: the rim of a region is met by chance
  if (early.period != late.period) return false;
  const auto points = [](const FunctionRun& run, const Trajectory& path) {
    return run.period ? 2 * static_cast<std::size_t>(*run.period) : path.size() / 4;
  };
  return same_place(last_box(before, points(early, before)), last_box(after, points(late, after)),
                    early.period ? kSamePoints : kSameRegion);
}

/// Chaos that fills one region does so from early on; or it wanders ever further.
bool same_region(const Trajectory& before, const Trajectory& after) {
  constexpr double kSame = 0.5;  // of the range
  return tail::spreads(after) ||
         same_place(last_box(before, before.size() / 2), last_box(after, after.size() / 2), kSame);
}

/// The later end is as low as all that the second half of the first look has seen: what wanders comes back up.
bool falls_on(const Trajectory& before, const Trajectory& after) {
  const double end = after.loss(after.size() - 1);
  for (std::size_t k = before.size() / 2; k < before.size(); ++k)
    if (end > before.loss(k)) return false;
  return true;
}

/// The distance from the later limit is below what was left of it at the end of the first look.
bool same_limit(const FunctionRun& early, const Trajectory& before, const FunctionRun& late, const Trajectory& after) {
  constexpr double kSamePlace = 1e-6;  // of the way
  if (!early.limit || !late.limit || early.kind != late.kind) return false;
  const double way = before.extent(0, before.size());
  const double left = distance(after.back(), *late.limit), was_left = distance(before.back(), *early.limit);
  const double rounding = kTolerance * way + tail::kRounding * size_of(*late.limit);
  return distance(*early.limit, *late.limit) <= kSamePlace * way + rounding && left <= std::max(was_left, rounding);
}

}  // namespace

bool needs_confirmation(const Experiment& experiment, const Iteration& iteration, const FunctionRun& run) {
  const bool remembers = experiment.optimizer.state_vectors > 0;
  const bool by_points =
      iteration.end == Iteration::End::used_up || (remembers && iteration.end == Iteration::End::stands_still);
  if (!by_points || run.verdict == Verdict::unclear) return false;
  // Where a step depends on the slope alone, what the slopes around its end are like decides.
  if (run.verdict == Verdict::converges && !remembers && experiment.optimizer.recurrence) return false;
  const bool by_the_law = run.verdict == Verdict::converges && experiment.theory.applies() &&
                          experiment.theory.radius(run.lr) < 1 - kRadiusOne && run.limit == experiment.descent.point;
  return !by_the_law;
}

long later_steps(const Experiment& experiment, const FunctionRun& run, long steps) {
  constexpr long kTimes = 8, kTwice = 2;
  constexpr long kCoordinates = 4000000;  // that are kept, of runs that were not followed for longer already
  constexpr long kMost = static_cast<long>(tail::kPointsToSpread);
  constexpr long kLeast = kMost / 8;  // optimizers forget within thousands of steps
  // Steps of one length shrink into their last cycle ever more slowly.
  const bool slow = run.verdict == Verdict::chaotic || !experiment.optimizer.recurrence;
  const long wanted = slow ? kMost : std::clamp(kTimes * steps, kLeast, kMost);
  return std::max(kTwice * steps, std::min(wanted, kCoordinates / static_cast<long>(experiment.start.size())));
}

bool confirms(const FunctionRun& early, const Iteration& early_look, const FunctionRun& late,
              const Iteration& late_look) {
  const Trajectory &before = early_look.last(), &after = late_look.last();
  // That it keeps moving in its region without a period is so for chaos too, which many more points may show it to be.
  if (early.verdict == Verdict::cycles && !early.period && late.verdict == Verdict::chaotic)
    return !tail::spreads(after) && same_cycle(early, before, late, after);
  if (early.verdict != late.verdict) return false;
  if (early.verdict == Verdict::converges) return same_limit(early, before, late, after);
  if (early.verdict == Verdict::cycles) return same_cycle(early, before, late, after);
  if (early.verdict == Verdict::chaotic) return same_region(before, after);
  if (early.verdict == Verdict::drifts || early.falls) return falls_on(before, after);
  return true;
}

void keep_what_lasts(FunctionRun& early, const FunctionRun& late) {
  constexpr double kSame = 0.05;  // of what is left of 1
  if (!early.rate) return;
  if (late.rate && std::abs(*late.rate - *early.rate) <= kSame * std::abs(1 - std::abs(*early.rate))) return;
  early.rate.reset();
  early.rate_reason = "the factor per step is not constant";
}

}  // namespace etamax
