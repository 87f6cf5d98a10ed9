#pragma once

#include "etamax/answers/analysis.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// What follows from the numbers of an analysis: the bands, marks and dots of its ruler, the recommended
/// learning rate, what is said of `lr` if there is one, and the sentences of the answer.
void conclude(Analysis& analysis, const Optimizer& optimizer, std::optional<double> lr);

}  // namespace etamax
