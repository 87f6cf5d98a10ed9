#pragma once

#include <string>

#include "etamax/core/results.h"
#include "etamax/dynamics/descent.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// One sentence or two that a learner understands, built from the run's own numbers.
std::string reason_for(const Run& run, const Descent& descent, const OptimizerSpec& optimizer,
                       const HyperparameterValues& values);

}  // namespace etamax
