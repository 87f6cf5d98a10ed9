#pragma once

#include <string>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/expr/expression.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// An optimizer's step as people write it, one formula for each of its assignments, hyperparameters by their names:
/// "new m = beta1*m + (1 - beta1)*g". What is new after the step says so in the text, and has a prime in the MathML.
std::vector<Formula> rule_formulas(const OptimizerSpec& optimizer);
/// The same with the hyperparameters' values: "new m = 0.9*m + 0.1*g". Without what these values leave nothing of, as a
/// decay of 0, and without lines that are no more than a name for what one other line reads.
std::vector<Formula> rule_formulas(const OptimizerSpec& optimizer, const HyperparameterValues& values);

/// left = right, typeset.
std::string typeset(const Expression& left, const Expression& right);
/// How a value after the step is written in a formula.
Expression primed(const std::string& name);

}  // namespace etamax
