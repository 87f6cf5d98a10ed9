#pragma once

#include <string>

#include "etamax/core/results.h"
#include "etamax/report/terminal.h"

namespace etamax {

/// The answer for a terminal, in this order: the verdict and the reason for each learning rate; the update
/// formula; the table of steps; the edge and what would be stable.
std::string to_text(const Explanation& explanation, const TerminalStyle& style);

}  // namespace etamax
