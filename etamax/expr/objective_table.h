#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/expr/expression.h"

/// Named objectives: each file of objectives/ defines one ObjectiveSpec, and the build collects them into a
/// table.
namespace etamax {

struct ObjectiveParameter {
  std::string name;
  double default_value = 0;
  double low = 0, high = 0;  ///< the valid range, closed
  bool integer = false;
  std::string summary;
};

struct NamedExpression {
  std::string name;  ///< as typed, or the text of the expression
  Expression expression = 0.0;
  std::vector<std::string> variables;
};

struct ObjectiveSpec {
  std::string name;
  std::string summary;
  std::string citation;
  std::vector<ObjectiveParameter> parameters;
  /// The expression and its variables for these parameter values, in the order of `parameters`.
  NamedExpression (*make)(const std::vector<double>& parameters) = nullptr;
};

/// All named objectives, by name.
const std::vector<ObjectiveSpec>& named_objectives();

/// A named objective ("rosenbrock", "quadratic(condition=100)", "rastrigin(3)"), or any expression, either of them with
/// a left side or without ("y = x^2"); the variables of "f(y, x) = ..." are in that order. Throws
/// InputError: ParseError for an expression; for a named one what parameter, which value, what range; for an
/// unknown name that is close to a known objective or function, "did you mean".
NamedExpression parse_objective(std::string_view text);

}  // namespace etamax
