#pragma once

#include "etamax/analyze/options.h"
#include "etamax/answers/analysis.h"
#include "etamax/problem/problem.h"

namespace etamax {

/// How high the learning rate may go for this problem, at the parameters it has; what limits it; and short runs that
/// prove it. The parameters are as they were afterwards. Where the progress asks to stop, the answer is what is known
/// by then, marked partial. Throws InputError: among others where the loss or its gradient is not finite at the start.
Analysis analyze(Problem& problem, const AnalyzeOptions& options);

}  // namespace etamax
