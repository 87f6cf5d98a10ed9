#pragma once

#include "etamax/core/results.h"
#include "etamax/report/drawing.h"

namespace etamax {

/// All of an answer's pictures under one heading with its verdicts: what `--output x.svg` and `x.png` show.
Drawing poster(const Explanation& explanation, double width = 1200);

}  // namespace etamax
