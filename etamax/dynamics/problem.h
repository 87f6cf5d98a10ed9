#pragma once

#include <vector>

#include "etamax/dynamics/local_theory.h"

namespace etamax {

/// An optimizer on an objective from a start, and what does not depend on the learning rate: where small ones
/// lead, and the linear law there. The objective and the optimizer must outlive it.
struct Problem {
  Problem(const Objective& objective, std::vector<double> start, const OptimizerSpec& optimizer,
          HyperparameterValues values, Cost& cost);
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  const Objective& objective;
  const std::vector<double> start;
  const OptimizerSpec& optimizer;
  const HyperparameterValues values;
  const DecayedObjective decayed;  ///< with the optimizer's L2 decay, where it has one
  const Descent descent;           ///< of `decayed`
  const LocalTheory theory;
};

}  // namespace etamax
