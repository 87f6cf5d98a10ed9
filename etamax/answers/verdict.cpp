#include "etamax/answers/verdict.h"

namespace etamax {

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::converges:
      return "converges";
    case Verdict::cycles:
      return "cycles";
    case Verdict::chaotic:
      return "chaotic";
    case Verdict::diverges:
      return "diverges";
    case Verdict::trains:
      return "trains";
    case Verdict::collapses:
      return "collapses";
    case Verdict::stationary:
      return "stationary";
    case Verdict::drifts:
      return "drifts";
    case Verdict::undefined:
      return "undefined";
    case Verdict::unclear:
      break;
  }
  return "unclear";
}

std::optional<Verdict> verdict_of(std::string_view word) {
  for (int i = 0; i <= static_cast<int>(Verdict::unclear); ++i)
    if (const auto verdict = static_cast<Verdict>(i); to_string(verdict) == word) return verdict;
  return std::nullopt;
}

std::string to_string(Mode mode) { return mode == Mode::monotone ? "monotone" : "oscillating"; }

std::string to_string(Cause cause) { return cause == Cause::learning_rate ? "learning_rate" : "unbounded_below"; }

std::string to_string(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return "minimum";
    case PointKind::maximum:
      return "maximum";
    case PointKind::saddle:
      return "saddle";
    case PointKind::flat:
      break;
  }
  return "flat";
}

std::string to_string(RateScope scope) {
  switch (scope) {
    case RateScope::each_step:
      return "each_step";
    case RateScope::near_limit:
      return "near_limit";
    case RateScope::slowest_direction:
      return "slowest_direction";
    case RateScope::steepest_direction:
      return "steepest_direction";
    case RateScope::long_run:
      break;
  }
  return "long_run";
}

std::string to_string(DescentOutcome outcome) {
  switch (outcome) {
    case DescentOutcome::minimum:
      return "minimum";
    case DescentOutcome::other_point:
      return "other_point";
    case DescentOutcome::unbounded_below:
      return "unbounded_below";
    case DescentOutcome::drifts:
      return "drifts";
    case DescentOutcome::undefined:
      return "undefined";
    case DescentOutcome::unclear:
      break;
  }
  return "unclear";
}

}  // namespace etamax
