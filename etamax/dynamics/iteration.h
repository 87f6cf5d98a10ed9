#pragma once

#include <optional>

#include "etamax/core/progress.h"
#include "etamax/dynamics/experiment.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// The iterates of a run, and what ended them.
struct Iteration {
  enum class End {
    used_up,       ///< all steps were made
    arrived,       ///< it stays within the tolerance of the minimum that small learning rates reach
    stands_still,  ///< it no longer moves
    repeats,       ///< it repeats exactly
    overflowed,    ///< an iterate, its loss or its gradient is infinite
    no_step,       ///< the optimizer's own step is no number: `step_fault` says why
    left_domain,   ///< the objective has no value at an iterate: `fault` says why
    escapes,       ///< the linear law holds as far as numbers reach, and it grows
    contracts,     ///< the linear law holds from here to the minimum, and it shrinks: there was no need to go on
  };
  End end = End::used_up;
  Trajectory path;                      ///< from the start
  std::optional<Trajectory> continued;  ///< after slow growth along the linear law was skipped over; else none
  bool lands_on_run = true;             ///< what `continued` begins with is a point of the run, to rounding
  std::optional<DomainFault> fault;
  std::string step_fault;

  const Trajectory& last() const { return continued ? *continued : path; }
};

struct IterationOptions {
  long max_steps = 10000;
  bool stop_when_certain = false;  ///< do not go on where the linear theory settles that it converges
  Progress progress;
};

/// Relative to the way traveled: how near counts as arrived.
inline constexpr double kTolerance = 1e-9;
/// The longest period that counts as short, and that is looked for while a run is followed.
inline constexpr int kLongestPeriod = 64;

/// Moves `stepper` from the experiment's start until what becomes of the run is plain, or its steps are used up.
/// Near a minimum that repels it the linear law is used to skip ahead: to the end of the numbers where it holds as far,
/// else to where it fails, if the steps would not lead there, so that a growth of 1 + 1e-6 a step is not taken for the
/// whole story.
Iteration iterate(const Experiment& experiment, Stepper& stepper, const IterationOptions& options, Cost& cost);

}  // namespace etamax
