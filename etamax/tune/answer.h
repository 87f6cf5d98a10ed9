#pragma once

#include "etamax/answers/tuning.h"

namespace etamax {

/// The sentences, the ruler and the lines for PyTorch, from what was found.
void conclude(Tuning& tuning);

}  // namespace etamax
