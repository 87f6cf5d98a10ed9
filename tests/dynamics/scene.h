#pragma once

#include <string>
#include <utility>
#include <vector>

#include "etamax/dynamics/follow.h"
#include "etamax/dynamics/trajectory.h"
#include "etamax/explain/stability.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {

/// An objective as it is typed, a start and an optimizer, with all that they need to live.
struct Scene {
  Scene(const std::string& objective, std::vector<double> start, const std::string& optimizer = "gd",
        const Settings& settings = {})
      : parsed(parse_objective(objective)),
        function(parsed.expression, parsed.variables),
        spec(find_optimizer(optimizer)),
        experiment(function, std::move(start), spec, hyperparameter_values(spec, settings), cost) {}
  FunctionRun run(double lr, FollowOptions options = {}) const { return follow(experiment, lr, options, cost); }
  Stability stability() const { return analyze_stability(experiment, {}, cost); }
  Stepper stepper(double lr) const { return {function, spec, experiment.values, lr, experiment.start}; }

  NamedExpression parsed;
  Function function;
  const OptimizerSpec& spec;
  mutable Cost cost;
  Experiment experiment;
};

}  // namespace etamax
