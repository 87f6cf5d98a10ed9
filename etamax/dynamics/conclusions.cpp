#include "etamax/dynamics/conclusions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/dynamics/measured_rate.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

using Outcome = Descent::Outcome;

constexpr double kSamePlace = 1e-3;  // of the way: slow runs are so far from where they go
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

FunctionRun concluded(const FollowedRun& followed, Verdict verdict) {
  FunctionRun run;
  run.lr = followed.lr;
  run.verdict = verdict;
  run.skipped_ahead = followed.iteration.continued || followed.iteration.end == Iteration::End::escapes;
  return run;
}

long last_step(const FollowedRun& followed) { return static_cast<long>(followed.iteration.path.size()) - 1; }

/// A smaller learning rate would not diverge from here.
bool blames_learning_rate(const Descent& descent) {
  return descent.ends_at_point() || descent.outcome == Outcome::drifts;
}

Mode mode_beside(const std::optional<double>& rate, const Trajectory& path, std::size_t end,
                 std::span<const double> center) {
  return rate && *rate < 0 ? Mode::oscillating : measured_mode(path, end, center);
}

/// The run ends at the point that small learning rates come to.
bool ends_where_small_rates_do(const FollowedRun& followed, const Limit& limit) {
  const Descent& descent = followed.experiment.descent;
  return descent.ends_at_point() &&
         distance(limit.point, descent.point) <= kSamePlace * distance(followed.experiment.start, descent.point);
}

/// A flat place that is as low as the minimum of small learning rates is its bottom.
std::optional<PointKind> kind_of(const FollowedRun& followed, const Limit& limit) {
  const Descent& descent = followed.experiment.descent;
  const Differentiable& objective = followed.experiment.decayed;
  if (!limit.kind) return {};  // the decay holds the run on a slope, however near to a minimum
  // Of that point, what the way there has shown counts.
  if (descent.kind && ends_where_small_rates_do(followed, limit)) return descent.kind;
  const bool flat_bottom =
      !descent.smooth || !descent.even_curvature || descent.eigenvalues.empty() || descent.eigenvalues.front() <= 0;
  if (limit.kind != PointKind::flat || descent.outcome != Outcome::minimum || !flat_bottom) return limit.kind;
  const double bottom = objective.value(descent.point), top = objective.value(followed.iteration.path.point(0));
  const bool low = objective.value(limit.point) <= bottom + kTolerance * std::abs(top - bottom);
  return low ? PointKind::minimum : PointKind::flat;
}

/// So near to its limit a run shows the limit's rounding, not its own law.
double rounding_of(const Limit& limit, const Trajectory& path) {
  constexpr double kOfTheWay = 1e-7, kLastDigits = 1e3 * kEpsilon;
  return std::max(kOfTheWay * path.extent(0, path.size()), kLastDigits * size_of(limit.point));
}

/// How many points there are until the run is within `near` of `center` for good; at least one.
std::size_t points_until(double near, const Trajectory& path, std::span<const double> center) {
  std::size_t end = path.size();
  while (end > 1 && distance(path.point(end - 1), center) < near) --end;
  return end;
}

/// Toward an end without curvature a step that is a share of the slope is an ever smaller part of the way that is left,
/// also where the optimizer divides it by a size of the slopes: once that is below its eps.
bool slows_down(const FollowedRun& followed, const Limit& limit) {
  return limit.level && followed.experiment.optimizer.recurrence;
}

/// The factor per step of a run whose points [0, end) show it. `known`: the limit is the theory's minimum.
std::optional<double> contraction(const FollowedRun& followed, const Limit& limit, std::size_t end, bool known) {
  const LocalTheory& theory = followed.experiment.theory;
  const Trajectory& path = followed.iteration.last();
  std::optional<double> rate = measured_rate(path, end, limit.point);
  if (known) {
    if (!rate && path.dimension() == 1 && end < kPointsForRate) rate = theory.multiplier(0, followed.lr);
    if (rate) rate = snapped_to_theory(*rate, theory, followed.experiment.descent, followed.lr);
    // Too quick to be measured, or too slow: the theory's factor for the long run. (The curvatures beside 0 are those
    // of a valley, to rounding, which has no factor.)
    const std::vector<double>& curvatures = followed.experiment.descent.eigenvalues;
    const bool isolated = curvatures.front() > kRadiusOne * curvatures.back();
    const double radius = theory.radius(followed.lr);
    if (!rate && isolated && radius < 1) rate = path.dimension() == 1 ? theory.multiplier(0, followed.lr) : radius;
  }
  if (rate && (std::abs(*rate) >= 1 || slows_down(followed, limit))) rate.reset();
  return rate;
}

FunctionRun keeps_moving(const FollowedRun& followed, Verdict verdict, const Wandering& found) {
  FunctionRun run = concluded(followed, verdict);
  run.extent = found.extent;
  run.lyapunov = found.lyapunov.exponent;
  run.rate_reason = "the iterates keep moving";
  return run;
}

/// Where gradient flow falls without bound at a point, in one variable, and the run has stepped over it.
void find_pole(const FollowedRun& followed, FunctionRun& run) {
  constexpr double kAtZero = 1e-6;  // of the way to it: a pole at 0, to rounding
  const Experiment& experiment = followed.experiment;
  const Trajectory& path = followed.iteration.path;
  if (path.dimension() != 1 || experiment.descent.outcome != Outcome::unbounded_below) return;
  const double start = experiment.start[0], end = experiment.descent.point[0];
  const double pole = std::abs(end) <= kAtZero * std::abs(start) ? 0 : end;
  for (std::size_t k = 1; k < path.size(); ++k)
    if ((path.point(k)[0] - pole) * (path.point(k - 1)[0] - pole) < 0) {
      run.pole = pole;
      run.pole_step = static_cast<long>(k);
      return;
    }
}

}  // namespace

FunctionRun conclude_undefined(const FollowedRun& followed) {
  const Descent& descent = followed.experiment.descent;
  FunctionRun run = concluded(followed, Verdict::undefined);
  run.bad_step = last_step(followed);
  // At the edge of the domain every learning rate steps out sooner or later; a pole with a domain on both sides may be
  // stepped over for ever.
  if (blames_learning_rate(descent) && !descent.at_domain_edge) run.cause = Cause::learning_rate;
  if (descent.outcome == Outcome::unbounded_below && descent.at_domain_edge) run.cause = Cause::unbounded_below;
  run.rate_reason = "the run ends";
  return run;
}

FunctionRun conclude_no_step(const FollowedRun& followed) {
  FunctionRun run = concluded(followed, Verdict::undefined);
  run.bad_step = last_step(followed);
  run.rate_reason = "the run ends";
  return run;
}

FunctionRun conclude_divergence(const FollowedRun& followed) {
  const Experiment& experiment = followed.experiment;
  const Descent& descent = experiment.descent;
  const Trajectory& path = followed.iteration.last();
  const bool overflowed = followed.iteration.end == Iteration::End::overflowed;
  const std::size_t finite = path.size() - (overflowed ? 1 : 0);
  FunctionRun run = concluded(followed, Verdict::diverges);
  // Decoupled decay holds every run whose rate is small enough, wherever the function falls.
  if (blames_learning_rate(descent) || experiment.decoupled_decay > 0)
    run.cause = Cause::learning_rate;
  else if (descent.outcome == Outcome::unbounded_below)
    run.cause = Cause::unbounded_below;
  if (overflowed) run.bad_step = last_step(followed);
  const auto center = descent.ends_at_point() ? std::span<const double>(descent.point) : path.point(0);
  run.rate = measured_rate(path, finite, center);
  if (run.rate && !(std::abs(*run.rate) > 1 && std::isfinite(*run.rate))) run.rate.reset();
  if (run.rate) run.rate = snapped_to_theory(*run.rate, experiment.theory, descent, followed.lr);
  run.rate_reason = "the factor grows from step to step";
  run.mode = mode_beside(run.rate, path, finite, center);
  return run;
}

FunctionRun conclude_fall(const FollowedRun& followed) {
  FunctionRun run = conclude_divergence(followed);
  run.falls = true;
  // Steps that do not become shorter pass an inflection point at every learning rate.
  if (!followed.experiment.optimizer.recurrence && followed.experiment.descent.outcome == Outcome::other_point)
    run.cause = Cause::unbounded_below;
  return run;
}

FunctionRun conclude_escape(const FollowedRun& followed) {
  FunctionRun run = conclude_divergence(followed);
  double worst = 0;
  for (std::size_t i = 0; i < followed.experiment.descent.eigenvalues.size(); ++i)
    if (const double m = followed.experiment.theory.multiplier(i, followed.lr); std::abs(m) > std::abs(worst))
      worst = m;
  run.rate = followed.iteration.last().dimension() == 1 ? worst : std::abs(worst);
  if (worst < 0) run.mode = Mode::oscillating;
  return run;
}

FunctionRun conclude_convergence(const FollowedRun& followed, const Limit& limit) {
  const Experiment& experiment = followed.experiment;
  const Descent& descent = experiment.descent;
  const Trajectory& path = followed.iteration.last();
  const double rounding = rounding_of(limit, path);
  const std::size_t end = points_until(rounding, path, limit.point);
  const bool known = experiment.theory.applies() && distance(limit.point, descent.point) <= rounding;
  FunctionRun run = concluded(followed, Verdict::converges);
  run.reached_tolerance = limit.reached;
  run.limit = limit.point;
  run.kind = kind_of(followed, limit);
  run.rate = contraction(followed, limit, end, known);
  run.rate_reason = known && descent.eigenvalues.front() <= 0
                        ? "the minimum has no curvature, so no fixed factor describes it"
                        : "the factor per step is not constant";
  run.mode = mode_beside(run.rate, path, std::max<std::size_t>(end, 2), limit.point);
  return run;
}

FunctionRun conclude_drift(const FollowedRun& followed) {
  FunctionRun run = concluded(followed, Verdict::drifts);
  run.rate_reason = "the run has no limit";
  find_pole(followed, run);
  // Small learning rates would have found the minimum; this one was thrown out of its valley.
  if (followed.experiment.descent.outcome == Outcome::minimum) run.cause = Cause::learning_rate;
  return run;
}

FunctionRun conclude_cycle(const FollowedRun& followed, int period) {
  constexpr double kMinusOne = 1e-12;  // a multiplier nearer to -1 than this is -1, to rounding
  const Trajectory& path = followed.iteration.last();
  const LocalTheory& theory = followed.experiment.theory;
  FunctionRun run = concluded(followed, Verdict::cycles);
  run.mode = Mode::oscillating;
  if (period > 1) run.period = period;
  const std::size_t n = path.size();
  const std::size_t tail = period > 1 ? std::min(n, 2 * static_cast<std::size_t>(period)) : n / 4;
  run.extent = path.extent(n - tail, n);
  if (period == 2 && path.dimension() == 1 && followed.experiment.optimizer.state_vectors == 0 && theory.applies() &&
      std::abs(theory.multiplier(0, followed.lr) + 1) < kMinusOne)
    run.rate = -1;
  run.rate_reason = "the iterates repeat";
  return run;
}

FunctionRun conclude_wandering(const FollowedRun& followed, const Wandering& found) {
  FunctionRun run = keeps_moving(followed, Verdict::cycles, found);
  const Trajectory& path = followed.iteration.last();
  run.extent = path.extent(path.size() - path.size() / 4, path.size());  // without the way there
  run.mode = Mode::oscillating;
  return run;
}

FunctionRun conclude_chaos(const FollowedRun& followed, const Wandering& found) {
  return keeps_moving(followed, Verdict::chaotic, found);
}

FunctionRun conclude_underway(const FollowedRun& followed) {
  FunctionRun run = concluded(followed, Verdict::unclear);
  run.mode = Mode::monotone;
  run.rate_reason = "the run has not arrived";
  return run;
}

FunctionRun conclude_passing(const FollowedRun& followed, const PassingBy& found) {
  FunctionRun run = concluded(followed, Verdict::unclear);
  run.passes_by = true;
  run.lr_edge_at_limit = found.edge;
  run.rate_reason = "the run does not stay where it is";
  return run;
}

FunctionRun conclude_stuck(const FollowedRun& followed) {
  FunctionRun run = conclude_underway(followed);
  run.stuck = true;
  return run;
}

FunctionRun conclude_too_large(const FollowedRun& followed) {
  FunctionRun run = conclude_unclear(followed);
  run.bad_step = last_step(followed);
  return run;
}

FunctionRun conclude_unclear(const FollowedRun& followed) { return concluded(followed, Verdict::unclear); }

}  // namespace etamax
