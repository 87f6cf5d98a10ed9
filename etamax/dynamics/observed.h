#pragma once

#include <span>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/dynamics/experiment.h"

namespace etamax {

/// Which learning rate a list of iterates is from. Every rule moves along a direction that does not depend on
/// the rate, so each observed step gives one: the length of the step along that direction over the
/// direction's own. `iterates`: at least two points, each of the experiment's dimension, the first of which is
/// the run's start. `claimed`: the learning rate that they are said to be from, if any.
Observed identify_learning_rate(const Experiment& experiment, const std::vector<std::vector<double>>& iterates,
                                std::optional<double> claimed, Cost& cost);

}  // namespace etamax
