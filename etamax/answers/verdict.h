#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace etamax {

/// What became of a run. The names are the words of the JSON field `verdict`. Runs of a function and trainings of a
/// network share the type, not the words: a training never shows that it converges.
enum class Verdict {
  converges,   ///< (functions) the iterates tend to a point where the gradient is zero
  cycles,      ///< (functions) they repeat, or tend to a repeating sequence (or move on a closed curve: period unknown)
  chaotic,     ///< (functions) bounded, no short period, positive Lyapunov exponent
  stationary,  ///< (functions) the gradient is zero at the start: nothing moves
  drifts,      ///< (functions) the loss keeps falling towards a value that no point on its way attains
  undefined,   ///< (functions) the objective or its gradient is not a number at an iterate
  trains,      ///< (trainings) the loss falls; beside other runs: at least half as far as the best of them takes it
  collapses,   ///< (trainings) a finite loss as high as the best constant predictor's, or outputs that no longer depend
               ///< on the inputs
  diverges,    ///< functions: they leave every bounded region. Trainings: a loss that is not finite, far too high, or
               ///< rising
  unclear,     ///< not settled within the steps that were followed
};
std::string to_string(Verdict);
/// The verdict of that word; none where there is none.
std::optional<Verdict> verdict_of(std::string_view word);

enum class Mode { monotone, oscillating };
enum class Cause {
  learning_rate,    ///< a smaller one would not diverge from this start
  unbounded_below,  ///< no learning rate would help: the objective falls for ever
};
/// What kind of point a gradient of zero stands at.
enum class PointKind { minimum, maximum, saddle, flat };

/// What the factor per step of a run is true of.
enum class RateScope {
  each_step,           ///< of every step, from the start on
  near_limit,          ///< of the steps close to where the run ends
  slowest_direction,   ///< of every step, along the direction that shrinks least
  steepest_direction,  ///< of every step, along the direction that grows most
  long_run,            ///< of many steps together: each on the average
};
/// Where gradient flow leads from a start: what gradient descent with small learning rates does.
enum class DescentOutcome {
  minimum,          ///< a point that is a local minimum
  other_point,      ///< a stationary point that is none: a saddle, an inflection, a maximum
  unbounded_below,  ///< the value falls without bound
  drifts,           ///< the value falls toward one that no point on its way attains
  undefined,        ///< the objective is not a number at the start
  unclear,
};

std::string to_string(Mode);
std::string to_string(Cause);
std::string to_string(PointKind);
std::string to_string(RateScope);
std::string to_string(DescentOutcome);

}  // namespace etamax
