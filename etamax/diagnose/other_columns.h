#pragma once

#include "etamax/diagnose/findings.h"

namespace etamax {

/// What the columns beside the loss show about its onset: the findings about the learning rate, the norms of
/// gradient and weights, the loss scale and the throughput. Those about the loss are there already.
void look_at_other_columns(const LogColumns& columns, Findings& findings);

}  // namespace etamax
