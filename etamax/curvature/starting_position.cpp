#include "etamax/curvature/starting_position.h"

#include <fmt/format.h>

#include <limits>

#include "etamax/core/format.h"
#include "etamax/training/training.h"

namespace etamax {

OptimizerPosition starting_position(Problem& problem, const WarmupSettings& settings) {
  const Optimizer& optimizer = problem.optimizer();
  if (!edge_is_preconditioned(optimizer)) return {};
  const KeepParameters keep(problem.objective());
  if (const OptimizerState* state = problem.optimizer_state()) {
    OptimizerPosition position = OptimizerPosition::of(*problem.run({settings.batch_size, settings.seed}), optimizer);
    position.origin = fmt::format("from the checkpoint, after {} steps", state->steps);
    return position;
  }
  TrainingSettings how;
  how.lr = settings.lr;
  how.divergence_threshold = std::numeric_limits<double>::infinity();
  how.progress = settings.progress;
  Training warmup(problem.run({settings.batch_size, settings.seed, /*from_state=*/false}), how);
  warmup.train_to(settings.steps);
  OptimizerPosition position = OptimizerPosition::of(warmup.run(), optimizer);
  position.origin = fmt::format("from {} steps at learning rate {}", warmup.steps(), format_number(settings.lr));
  return position;
}

}  // namespace etamax
