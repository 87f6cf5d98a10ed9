#include "etamax/dynamics/follow.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "etamax/dynamics/conclusions.h"
#include "etamax/dynamics/confirmation.h"
#include "etamax/dynamics/drawn_path.h"
#include "etamax/dynamics/judge.h"
#include "etamax/dynamics/limit_law.h"
#include "etamax/dynamics/other_minimum.h"
#include "etamax/dynamics/rate_scope.h"
#include "etamax/dynamics/reason.h"
#include "etamax/dynamics/stationary_point.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

constexpr std::size_t kKeptLosses = 2000;  // what FunctionRun::long_losses promises

void show(FunctionRun& run, const Trajectory& path, int shown_steps, const Differentiable& objective, Cost& cost) {
  const std::size_t shown = std::min(path.size(), static_cast<std::size_t>(shown_steps) + 1);
  for (std::size_t k = 0; k < shown; ++k) {
    run.iterates.emplace_back(path.point(k).begin(), path.point(k).end());
    run.losses.push_back(path.loss(k));
    run.gradients.emplace_back(path.dimension());
    objective.gradient(path.point(k), run.gradients.back());
    ++cost.gradients;
    if (k == 0) continue;
    run.updates.emplace_back(path.dimension());
    for (std::size_t i = 0; i < path.dimension(); ++i) run.updates.back()[i] = path.point(k)[i] - path.point(k - 1)[i];
  }
  for (std::size_t k = 0; k < std::min(path.size(), kKeptLosses); ++k) run.long_losses.push_back(path.loss(k));
}

/// The points after the end of what was followed, where more are shown: what becomes of the run is known without them.
void go_on_to_show(Trajectory& path, const Experiment& experiment, double lr, int shown_steps, Cost& cost) {
  const std::size_t known = path.size(), wanted = static_cast<std::size_t>(shown_steps) + 1;
  if (known >= wanted || !std::isfinite(path.loss(known - 1))) return;
  Stepper stepper(experiment.objective, experiment.optimizer, experiment.values, lr, experiment.start);
  while (path.size() < wanted && std::isfinite(path.loss(path.size() - 1))) {
    stepper.advance(cost);
    if (static_cast<std::size_t>(stepper.step()) < known) continue;
    const bool finite = all_finite(stepper.x);
    cost.forwards += finite;
    path.append(stepper.x, finite ? experiment.objective.value(stepper.x) : std::numeric_limits<double>::infinity());
  }
}

void keep_path(FunctionRun& run, const Trajectory& path, const Experiment& experiment) {
  if (path.dimension() != 2) return;
  const bool is_minimum = experiment.descent.outcome == Descent::Outcome::minimum;
  const std::vector<std::size_t> points = drawn_points(path, is_minimum ? experiment.descent.point : experiment.start);
  for (const std::size_t k : points) run.path.emplace_back(path.point(k).begin(), path.point(k).end());
  run.path_steps = static_cast<long>(points.back());
}

/// Whether a first step leaves the start where it is: decoupled decay moves a point without a gradient too.
bool stands(const Experiment& experiment, double lr) {
  Cost unused;
  Stepper stepper(experiment.objective, experiment.optimizer, experiment.values, lr, experiment.start);
  stepper.advance(unused);
  return stepper.x == experiment.start;
}

/// A run that ends before its first step. None where it does not.
std::optional<FunctionRun> motionless(const Experiment& experiment, double lr, const FollowOptions& options,
                                      Cost& cost) {
  FunctionRun run;
  run.lr = lr;
  std::vector<double> gradient(experiment.start.size());
  const double loss = experiment.objective.value(experiment.start);
  experiment.decayed.gradient(experiment.start, gradient);
  Trajectory path(experiment.start.size());
  path.append(experiment.start, loss);
  if (!std::isfinite(loss) || !all_finite(gradient)) {
    run.verdict = Verdict::undefined;
    run.bad_step = 0;
    run.rate_reason = "the run does not begin";
    run.reason = why_no_start(experiment);
  } else if (size_of(gradient) == 0 && stands(experiment, lr)) {
    run.verdict = Verdict::stationary;
    run.kind = classify_point(experiment.decayed, experiment.start);
    run.rate_reason = "nothing moves";
    for (int k = 0; k < options.shown_steps; ++k) path.append(experiment.start, loss);
    run.reason = reason_for(run, experiment);
  } else {
    return {};
  }
  show(run, path, options.shown_steps, experiment.objective, cost);
  return run;
}

/// A run that was followed to where its verdict is plain, and that verdict.
struct Followed {
  Stepper stepper;  ///< where the iteration ended
  Iteration iteration;
  FunctionRun run;
};

Followed iterate_and_judge(const Experiment& experiment, double lr, const IterationOptions& options, Cost& cost) {
  Stepper stepper(experiment.objective, experiment.optimizer, experiment.values, lr, experiment.start);
  Iteration iteration = iterate(experiment, stepper, options, cost);
  FunctionRun run = judge(experiment, iteration, stepper, cost).run;
  return {std::move(stepper), std::move(iteration), std::move(run)};
}

long steps_of(const Iteration& iteration) {
  return static_cast<long>(iteration.path.size() + (iteration.continued ? iteration.continued->size() - 1 : 0)) - 1;
}

/// Whether chaos stays where it is: from the points of a later look.
void tell_walk_from_region(FunctionRun& run, const Trajectory& path, const Trajectory& later) {
  run.spreads = tail::spreads(later);
  run.extent = run.spreads ? path.extent(0, path.size()) : later.extent(later.size() / 2, later.size());
}

/// A verdict that a later look confirms; else that of the later look, if a still later one confirms it.
Followed confirmed(const Experiment& experiment, double lr, IterationOptions options, Cost& cost) {
  constexpr int kLooks = 2;
  Followed now = iterate_and_judge(experiment, lr, options, cost);
  for (int look = 0; look < kLooks && needs_confirmation(experiment, now.iteration, now.run); ++look) {
    options.max_steps = later_steps(experiment, now.run, options.max_steps);
    Followed later = iterate_and_judge(experiment, lr, options, cost);
    if (confirms(now.run, now.iteration, later.run, later.iteration)) {
      keep_what_lasts(now.run, later.run);
      if (now.run.verdict == Verdict::chaotic)
        tell_walk_from_region(now.run, now.iteration.last(), later.iteration.last());
      return now;
    }
    now = std::move(later);
  }
  if (needs_confirmation(experiment, now.iteration, now.run))
    now.run = conclude_unclear({experiment, now.iteration, lr});
  return now;
}

}  // namespace

FunctionRun follow(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost) {
  if (auto run = motionless(experiment, lr, options, cost)) return *run;
  const long steps = std::max<long>(options.max_steps, options.shown_steps);
  auto [stepper, iteration, run] = confirmed(experiment, lr, {steps, false, options.progress}, cost);
  run.steps_followed = steps_of(iteration);
  go_on_to_show(iteration.path, experiment, lr, options.shown_steps, cost);
  show(run, iteration.path, options.shown_steps, experiment.objective, cost);
  keep_path(run, iteration.path, experiment);
  run.rate_scope = rate_scope(run, experiment);
  if (iteration.fault) run.domain_fault = iteration.fault->operation;
  run.step_fault = iteration.step_fault;
  if (const auto edge = edge_of_other_minimum(run, experiment)) run.lr_edge_at_limit = edge;
  run.reason = reason_for(run, experiment);
  return run;
}

Verdict verdict_of_run(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost) {
  if (const auto run = motionless(experiment, lr, options, cost)) return run->verdict;
  const long steps = std::max<long>(options.max_steps, options.shown_steps);
  return iterate_and_judge(experiment, lr, {steps, false, options.progress}, cost).run.verdict;
}

Verdict verdict_only(const Experiment& experiment, double lr, const FollowOptions& options, Cost& cost) {
  const auto [stepper, iteration, run] =
      iterate_and_judge(experiment, lr, {options.max_steps, true, options.progress}, cost);
  // A flat place above the minimum is where the learning rate has thrown the run, not what it was to find.
  if (run.verdict == Verdict::converges && run.kind == PointKind::flat && experiment.descent.kind != PointKind::flat)
    return Verdict::unclear;
  // Nor is the slope on which weight decay balances the steps.
  if (run.verdict == Verdict::converges && experiment.decoupled_decay > 0 && !run.kind) return Verdict::unclear;
  // Nor does it count that a run has landed on the minimum by chance, at a rate that does not settle there.
  const auto law =
      experiment.optimizer.preconditioner_memory ? limit_law(experiment, stepper, experiment.descent) : std::nullopt;
  if (run.verdict == Verdict::converges && law && law->radius > 1 + kRadiusOne) return Verdict::unclear;
  return run.verdict;
}

}  // namespace etamax
