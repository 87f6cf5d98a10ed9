#pragma once

#include <optional>

#include "etamax/answers/explanation.h"
#include "etamax/dynamics/experiment.h"

namespace etamax {

/// Whether a converging run ends at another minimum than small rates do; those of a flat valley are one.
bool ends_at_another_minimum(const FunctionRun& run, const Experiment& experiment);

/// The stability edge where a run converges to another minimum than small rates do; none where it does not, or where
/// there is no edge.
std::optional<double> edge_of_other_minimum(const FunctionRun& run, const Experiment& experiment);

}  // namespace etamax
