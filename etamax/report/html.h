#pragma once

#include <string>

#include "etamax/core/results.h"

namespace etamax {

/// The whole answer as one HTML file that needs nothing else: no network, no scripts; formulas as MathML;
/// light and dark as the reader prefers; fit for a telephone and for paper.
std::string to_html(const Explanation& explanation);

}  // namespace etamax
