#pragma once

#include "etamax/curvature/probe.h"
#include "etamax/training/short_runs.h"

namespace etamax {

/// Makes the run at `lr`, which fails although it is below the edge at the start, once more, and follows the edge along
/// it: from above, by a few products for each look, certified where it has fallen below the rate. `at_start`: the edge
/// there. Returns the products in 64 bit, which the objective does not count. Throws Interrupted; `failing` then holds
/// what is known.
long follow_failing_run(Problem& problem, const Interval& at_start, const RunStart& start,
                        const ShortRunSettings& settings, const ProbeOptions& probe, FailingRun& failing);

}  // namespace etamax
