#include "etamax/curvature/edge_along_run.h"

#include <algorithm>
#include <cmath>

#include "etamax/curvature/attribution.h"
#include "etamax/spectrum/track.h"

namespace etamax {
namespace {

/// Every step at first, later an eighth of the steps that were made.
long next_look(long step) { return step + std::max(1L, step / 8); }

}  // namespace

long follow_failing_run(Problem& problem, const Interval& at_start, const RunStart& start,
                        const ShortRunSettings& settings, const ProbeOptions& probe, FailingRun& failing) {
  long products_64 = 0;
  Objective& f = problem.objective();
  const Optimizer& optimizer = problem.optimizer();
  failing.looks.push_back({0, start.loss, at_start});
  TrackOptions track;
  track.products = 2;
  track.lost = 0.5;  // what is found is a bound, however far the vector has gone astray
  track.seed = probe.seed;
  track.progress = probe.progress;
  EigenvalueTracker<Vector> tracker(track);
  const auto look = [&](const Training::Shown& shown) {
    if (shown.step < next_look(failing.looks.back().step)) return true;
    const double loss = f.loss();
    if (!std::isfinite(loss)) return false;
    Probe here(f, optimizer, OptimizerPosition::of(shown.run, optimizer));
    const auto tracked = tracker.look(here.hessian());
    failing.hvps += static_cast<long>(tracked.products);
    const Probe::Roundoff roundoff = here.roundoff_along(*tracker.vector(), tracked.value);
    products_64 += roundoff.products_64;
    failing.hvps += roundoff.products + roundoff.products_64;
    Interval lambda_max{tracked.value - roundoff.by, {}};
    if (const auto highest = here.edge(lambda_max).lr.upper; highest && *highest < failing.lr) {
      ProbeOptions certify = probe;
      certify.direction = true;
      const Probe::Finding found = here.look(certify);
      products_64 += found.products_64;
      failing.hvps += found.curvature.hvps + 2 * found.products_64;
      if (found.interrupted) throw Interrupted();
      const double lower = *lambda_max.lower;
      lambda_max = found.curvature.lambda_max;
      lambda_max.lower = std::max(lambda_max.lower.value_or(lower), lower);  // both hold
      failing.layer = layer_shares(f, found.direction).front();
      failing.crossed = shown.step;
    }
    failing.looks.push_back({shown.step, loss, here.edge(lambda_max).lr});
    return !failing.crossed;
  };
  short_run(problem, failing.lr, start, settings, look);
  return products_64;
}

}  // namespace etamax
