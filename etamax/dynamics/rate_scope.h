#pragma once

#include <optional>

#include "etamax/answers/explanation.h"
#include "etamax/dynamics/experiment.h"

namespace etamax {

/// The linear law at the minimum holds at the start and far beyond it.
bool is_quadratic(const Experiment& experiment);

/// What the rate of a concluded run is true of; none where there is no rate.
std::optional<RateScope> rate_scope(const FunctionRun& run, const Experiment& experiment);

}  // namespace etamax
