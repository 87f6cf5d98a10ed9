#pragma once

#include "etamax/core/progress.h"
#include "etamax/curvature/probe.h"

namespace etamax {

struct WarmupSettings {
  long steps = 0;  ///< 0: until the edge settles
  std::int64_t batch_size = 0;
  std::uint64_t seed = 0;
  bool measure_uncertainty = true;  ///< in 32 bit: by some gradients in 64
  Progress progress = {};
};

/// Where the optimizer stands at the objective's parameters: as the problem's saved state says, else after steps that
/// do not move: the gradient of all examples first, then those of batches, until the edge has settled. Nothing to be
/// found where the edge is not that of a preconditioned Hessian. Throws Interrupted.
OptimizerPosition starting_position(Problem& problem, const WarmupSettings& settings);

}  // namespace etamax
