#pragma once

#include <string>

#include "etamax/answers/network_replay.h"
#include "etamax/draw/terminal.h"

namespace etamax {

/// The reason, the course of the loss as a picture, the loss at some steps, the cost.
std::string to_text(const NetworkReplay& replay, const TerminalStyle& style);

}  // namespace etamax
