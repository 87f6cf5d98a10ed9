#pragma once

#include <string>

#include "etamax/answers/explanation.h"
#include "etamax/dynamics/experiment.h"

namespace etamax {

/// One sentence or two that a learner understands, built from the run's own numbers.
std::string reason_for(const FunctionRun& run, const Experiment& experiment);

/// Why a run cannot begin where the function or its slope is not finite at the start, in a sentence or two.
std::string why_no_start(const Experiment& experiment);

}  // namespace etamax
