#pragma once

#include "etamax/curvature/probe.h"
#include "etamax/training/short_runs.h"

namespace etamax {

/// The rates that a failing run is looked for at.
struct FailingRates {
  double from = 0;   ///< fails
  double below = 0;  ///< the edge
};

/// Finds out by experiment why a run fails below the edge (docs/analyze.md): at the lowest of the rates, half an octave
/// apart, at which it fails also where each step's rate is changed at random. It is made again; every step around the
/// first lasting rise of its loss is looked at, and the first whose rise the quadratic model puts down to the top
/// eigenvector, beyond the edge, is noted. Then the run is made with its rate held below the edge wherever it is
/// beyond, first from the step at which it last came to be so before that rise, and where that is not enough from the
/// start; and, as a control, with the part of each such step along the top eigenvector taken out instead.
/// `reference`: what the runs are judged by. Returns the products in 64 bit, which the objective does not count. Throws
/// Interrupted; `failing` then holds what is known.
long explain_failing_run(Problem& problem, const FailingRates& rates, const RunStart& start,
                         const ShortRunSettings& settings, const RunReference& reference, const ProbeOptions& probe,
                         FailingRun& failing);

/// The step, counted from 0, at which the first lasting rise of a run's losses begins: they come to be above their
/// lowest by more than half of what they had fallen, and by more than a tenth of it. `losses[k]`: after k steps. None
/// where there is no such rise. A loss that is not finite is above all others.
std::optional<long> onset_of_rise(const std::vector<double>& losses);

}  // namespace etamax
