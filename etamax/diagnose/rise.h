#pragma once

#include "etamax/diagnose/findings.h"

namespace etamax {

/// Finds the last rise among the first `last` records of a log that ends badly, and describes it: the findings from
/// `onset` to `growth_level`, `noise`, `noise_after` and `alternating`. Those about the records and the ending are
/// there already.
void find_rise(std::size_t last, Findings& findings);

}  // namespace etamax
