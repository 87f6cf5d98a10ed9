#pragma once

#include <string>

#include "etamax/core/results.h"

namespace etamax {

struct TerminalStyle {
  bool color = false;
  bool unicode = false;
  int width = 80;  ///< columns, 40 to 400
};

/// The answer for a terminal, in this order: the verdict and the reason for each learning rate; the update formula; the
/// table of steps; the edge and what would be stable.
std::string to_text(const Explanation& explanation, const TerminalStyle& style);

}  // namespace etamax
