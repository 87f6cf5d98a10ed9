#include "etamax/dynamics/rate_scope.h"

#include "etamax/dynamics/trajectory.h"

namespace etamax {

bool is_quadratic(const Experiment& experiment) {
  constexpr double kSame = 1e-9;   // two gradients that are one, to rounding
  constexpr double kAside = 1e-3;  // so that the points are on no symmetry axis of the start
  if (!experiment.theory.applies()) return false;
  const std::vector<double>& center = experiment.descent.point;
  const double travel = distance(experiment.start, center);
  for (const double scale : {1.0, -2.0, 1e3}) {
    std::vector<double> x = center;
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] += scale * (experiment.start[i] - center[i]) + kAside * scale * travel;
    if (experiment.theory.nonlinearity(x) > kSame) return false;
  }
  return true;
}

std::optional<RateScope> rate_scope(const FunctionRun& run, const Experiment& experiment) {
  if (!run.rate) return {};
  if (experiment.optimizer.state_vectors > 0) return RateScope::long_run;
  const bool converges = run.verdict == Verdict::converges;
  if (run.verdict != Verdict::cycles && !is_quadratic(experiment))
    return converges ? RateScope::near_limit : RateScope::long_run;
  if (experiment.start.size() == 1) return RateScope::each_step;
  return converges ? RateScope::slowest_direction : RateScope::steepest_direction;
}

}  // namespace etamax
