#pragma once

#include "etamax/core/progress.h"
#include "etamax/curvature/probe.h"

namespace etamax {

struct WarmupSettings {
  long steps = 50;  ///< at least 1
  double lr = 0;    ///< 0, or so small that the weights hardly move
  std::int64_t batch_size = 0;
  std::uint64_t seed = 0;
  Progress progress = {};
};

/// Where the optimizer stands at the objective's parameters: as the problem's saved state says, else after some steps
/// that hardly move. The parameters are put back. Nothing to be found where the edge is not that of a preconditioned
/// Hessian.
OptimizerPosition starting_position(Problem& problem, const WarmupSettings& settings);

}  // namespace etamax
