#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "etamax/core/progress.h"
#include "etamax/expr/function.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// An optimizer's step on an objective as expressions: OptimizerSpec::assignments with the objective's gradient and the
/// hyperparameters' values put in. The coordinates keep their names; all other names hold a space, so that nobody can
/// type them.
struct StepExpressions {
  std::size_t dimension = 0;            ///< how many of the state are the coordinates; they come first
  std::vector<std::string> state;       ///< then what the rule keeps of each coordinate and a later step reads
  std::vector<Expression> next;         ///< what becomes of each in a step
  std::vector<std::string> parameters;  ///< the learning rate, then the hyperparameters that were left free
};
/// The name of the step's number, from 1.
inline constexpr const char* kStepNumber = "step number";

/// `free`: the hyperparameters that stay names. `progress` is asked coordinate by coordinate, as if nothing were done.
/// Throws Interrupted, and throws InputError where the optimizer has no assignments, or no such
/// hyperparameter.
StepExpressions step_expressions(const Function& objective, const OptimizerSpec& optimizer,
                                 const HyperparameterValues& values, const std::vector<std::string>& free,
                                 const Progress& progress = {});

/// Appends a small distance in each part of the state, and what the step makes of it, to first order.
void add_growth(const StepExpressions& step, std::vector<std::string>& names, std::vector<Expression>& next,
                const Progress& progress = {});

}  // namespace etamax
