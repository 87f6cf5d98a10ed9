#include "etamax/dynamics/reason.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/core/format.h"

namespace etamax {
namespace {

std::string num(double value) { return format_number(value); }

/// "1 - 1.2 x 2 = -1.4" where the step is a multiplication, else "-1.4".
std::string multiplier(const Run& run, const Descent& descent, const OptimizerSpec& optimizer) {
  const double rate = *run.rate;
  if (optimizer.name == "gd" && descent.eigenvalues.size() == 1) {
    const double lambda = descent.eigenvalues.front();
    if (std::abs(1 - run.lr * lambda - rate) <= 1e-6 * std::max(1.0, std::abs(rate)))
      return fmt::format("1 - {} x {} = {}", num(run.lr), num(lambda), num(rate));
  }
  return num(rate);
}

std::string percent(double factor) { return num(std::abs(std::abs(factor) - 1) * 100) + "%"; }

std::string edge_sentence(const Descent& descent, const OptimizerSpec& optimizer, const HyperparameterValues& values) {
  if (descent.outcome != Descent::Outcome::minimum || descent.eigenvalues.empty() || optimizer.preconditioner) return "";
  const auto edge = stability_edge(optimizer, values, descent.eigenvalues.back());
  if (!edge) return "";
  const bool plain = optimizer.name == "gd" && descent.eigenvalues.size() == 1;
  return fmt::format(" Near the minimum any learning rate below {}{} converges.", plain ? "2 / f'' = " : "", num(*edge));
}

std::string converging(const Run& run, const Descent& descent, const OptimizerSpec& optimizer) {
  std::string ending = run.kind == PointKind::minimum || !run.kind
                           ? ""
                           : fmt::format(" The point it ends at is no minimum ({}): the slightest push the other way "
                                         "leaves it.",
                                         to_string(*run.kind));
  if (!run.rate) return "The distance to the minimum shrinks towards 0, ever more slowly: " + run.rate_reason + "." + ending;
  if (std::abs(*run.rate) < 1e-12)
    return fmt::format("Each step multiplies the distance to the minimum by {}: one step lands on it.{}",
                       multiplier(run, descent, optimizer), ending);
  return fmt::format("Each step multiplies the distance to the minimum by {}: {}the distance shrinks by {}, so the updates "
                     "converge.{}",
                     multiplier(run, descent, optimizer), *run.rate < 0 ? "the sign flips, and " : "",
                     percent(*run.rate), ending);
}

std::string diverging(const Run& run, const Descent& descent, const OptimizerSpec& optimizer,
                      const HyperparameterValues& values) {
  if (run.cause == Cause::unbounded_below)
    return "The function falls without bound from this start, so every learning rate runs away: the learning rate is not "
           "the cause.";
  const std::string edge = edge_sentence(descent, optimizer, values);
  if (run.rate)
    return fmt::format("Each step multiplies the distance to the minimum by {}: {}the distance grows by {}, so the updates "
                       "diverge.{}",
                       multiplier(run, descent, optimizer), *run.rate < 0 ? "the sign flips, and " : "",
                       percent(*run.rate), edge);
  return fmt::format("Each step overshoots the minimum by more than the one before, faster and faster ({}), so the updates "
                     "diverge. A smaller learning rate converges from here.",
                     run.bad_step ? "a number too large for the machine at step " + std::to_string(*run.bad_step)
                                  : run.rate_reason);
}

}  // namespace

std::string reason_for(const Run& run, const Descent& descent, const OptimizerSpec& optimizer,
                       const HyperparameterValues& values) {
  switch (run.verdict) {
    case Verdict::converges: return converging(run, descent, optimizer);
    case Verdict::diverges: return diverging(run, descent, optimizer, values);
    case Verdict::cycles:
      if (run.rate && std::abs(*run.rate + 1) < 1e-9)
        return fmt::format("Each step multiplies the distance to the minimum by {}: the sign flips and the distance stays, so "
                           "the updates hop between two points for ever.",
                           multiplier(run, descent, optimizer));
      if (run.period)
        return fmt::format("The steps are too long to settle and too short to escape: the iterates repeat every {} steps, "
                           "for ever.",
                           *run.period);
      return "The iterates stay bounded and keep moving without settling and without a short period.";
    case Verdict::chaotic:
      return fmt::format("The iterates stay bounded and never repeat; two runs that start close together part by a factor "
                         "of {} per step.",
                         num(std::exp(*run.lyapunov)));
    case Verdict::stationary:
      return fmt::format("The gradient is zero at the start (a {}), so no step moves it at any learning rate.",
                         run.kind == PointKind::flat ? "flat place" : to_string(run.kind.value_or(PointKind::flat)));
    case Verdict::drifts:
      return "The loss keeps falling towards a value that no point attains: there is no minimum to converge to, and the "
             "learning rate is not at fault.";
    case Verdict::undefined: return run.reason;
    case Verdict::collapses:
    case Verdict::unclear: break;
  }
  return fmt::format("After {} steps it is not settled what becomes of this run; follow it further with --max-steps.",
                     run.steps_followed);
}

}  // namespace etamax
