#pragma once

#include <optional>
#include <span>

#include "etamax/dynamics/conclusions.h"
#include "etamax/dynamics/limit_law.h"
#include "etamax/dynamics/scaled_descent.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {

/// A run as the rules see it. What costs something is found out when the first of them asks.
class Subject {
 public:
  Subject(const Experiment& experiment, const Iteration& iteration, const Stepper& stepper, Cost& cost)
      : followed{experiment, iteration, stepper.lr()}, stepper_(stepper), cost_(cost) {}

  const FollowedRun followed;

  const Trajectory& path() const { return followed.iteration.last(); }
  /// Where small learning rates lead from the start.
  const Descent& from_start() const { return followed.experiment.descent; }

  const tail::QuarterExtents& extents() const {
    if (!extents_) extents_ = tail::quarter_extents(path());
    return *extents_;
  }
  Descent from(std::span<const double> point) const { return descend(followed.experiment.decayed, point, cost_); }
  /// Where small learning rates would lead from the end of the run.
  const Descent& from_end() const {
    if (!from_end_) from_end_ = from(path().back());
    return *from_end_;
  }
  /// Whether downhill leads on without bound from the end of the run, as gradient flow sees it and as the optimizer
  /// does.
  bool falls_from_end() const {
    if (from_end().outcome != DescentOutcome::unbounded_below) return false;
    if (path().dimension() == 1 || !followed.experiment.optimizer.preconditioner) return true;
    return scaled_descent(followed.experiment, stepper_, cost_).outcome == DescentOutcome::unbounded_below;
  }
  /// What the linear law says of the run once it is at the end of a descent.
  std::optional<LimitLaw> law_at(const Descent& end) const { return limit_law(followed.experiment, stepper_, end); }
  /// None where neighbors meet, or leave; `extent`: the size of the region.
  const std::optional<LyapunovEstimate>& lyapunov(double extent) const {
    if (!lyapunov_) lyapunov_ = lyapunov_exponent(stepper_, extent, cost_);
    return *lyapunov_;
  }

 private:
  const Stepper& stepper_;
  Cost& cost_;
  mutable std::optional<tail::QuarterExtents> extents_;
  mutable std::optional<Descent> from_end_;
  mutable std::optional<std::optional<LyapunovEstimate>> lyapunov_;
};

}  // namespace etamax
