#pragma once

#include <optional>
#include <string>

#include "etamax/core/results.h"
#include "etamax/dynamics/problem.h"

namespace etamax {

/// One sentence or two that a learner understands, built from the run's own numbers. `fault`: why the run
/// left the domain.
std::string reason_for(const Run& run, const std::optional<DomainFault>& fault, const Problem& problem);

}  // namespace etamax
