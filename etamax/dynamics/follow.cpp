#include "etamax/dynamics/follow.h"

#include <algorithm>
#include <cmath>

#include "etamax/dynamics/judge.h"
#include "etamax/dynamics/reason.h"

namespace etamax {
namespace {

constexpr std::size_t kKeptLosses = 2000;

void show(Run& run, const Trajectory& path, int shown_steps) {
  const std::size_t shown = std::min(path.size(), static_cast<std::size_t>(shown_steps) + 1);
  for (std::size_t k = 0; k < shown; ++k) {
    run.iterates.emplace_back(path.point(k).begin(), path.point(k).end());
    run.losses.push_back(path.loss(k));
  }
  for (std::size_t k = 0; k < std::min(path.size(), kKeptLosses); ++k) run.long_losses.push_back(path.loss(k));
}

/// Whether a first step leaves the start where it is: decoupled decay moves a point without a gradient too.
bool stands(const Problem& problem, double lr) {
  Cost unused;
  Stepper stepper(problem.objective, problem.optimizer, problem.values, lr, problem.start);
  stepper.advance(unused);
  return stepper.x == problem.start;
}

/// A run that ends before its first step. None where it does not.
std::optional<Run> motionless(const Problem& problem, double lr, const FollowOptions& options) {
  Run run;
  run.lr = lr;
  std::vector<double> gradient(problem.start.size());
  const double loss = problem.objective.value(problem.start);
  problem.decayed.gradient(problem.start, gradient);
  Trajectory path(problem.start.size());
  path.append(problem.start, loss);
  if (!std::isfinite(loss) || !all_finite(gradient)) {
    const auto fault = problem.objective.domain_fault(problem.start);
    run.verdict = Verdict::undefined;
    run.bad_step = 0;
    run.rate_reason = "the run does not begin";
    run.reason = "The function has no value at the start" + (fault ? ": " + fault->operation : std::string()) + ".";
  } else if (size_of(gradient) == 0 && stands(problem, lr)) {
    run.verdict = Verdict::stationary;
    run.kind = classify_point(problem.decayed, problem.start);
    run.rate_reason = "nothing moves";
    for (int k = 0; k < options.shown_steps; ++k) path.append(problem.start, loss);
    run.reason = reason_for(run, {}, problem);
  } else {
    return {};
  }
  show(run, path, options.shown_steps);
  return run;
}

}  // namespace

Run follow(const Problem& problem, double lr, const FollowOptions& options, Cost& cost) {
  if (auto run = motionless(problem, lr, options)) return *run;
  Run run;
  run.lr = lr;
  Stepper stepper(problem.objective, problem.optimizer, problem.values, lr, problem.start);
  const long steps = std::max<long>(options.max_steps, options.shown_steps);
  const Walk way =
      walk(stepper, problem.descent, problem.theory, {options.shown_steps, steps, false, options.progress}, cost);
  judge(run, way, stepper, problem.descent, problem.theory, cost);
  show(run, way.path, options.shown_steps);
  run.steps_followed = static_cast<long>(way.path.size() + (way.continued ? way.continued->size() : 1)) - 2;
  run.reason = reason_for(run, way.fault, problem);
  return run;
}

Verdict fate(const Problem& problem, double lr, const FollowOptions& options, Cost& cost) {
  Run run;
  run.lr = lr;
  Stepper stepper(problem.objective, problem.optimizer, problem.values, lr, problem.start);
  const Walk way = walk(stepper, problem.descent, problem.theory, {0, options.max_steps, true, options.progress}, cost);
  judge(run, way, stepper, problem.descent, problem.theory, cost);
  // A flat place above the minimum is where the learning rate has thrown the run, not what it was to find.
  if (run.verdict == Verdict::converges && run.kind == PointKind::flat && problem.descent.kind != PointKind::flat)
    return Verdict::unclear;
  return run.verdict;
}

}  // namespace etamax
