#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec rosenbrock() {
  return {"rosenbrock",
          "a curved narrow valley; minimum 0 at (1, 1)",
          "Rosenbrock 1960, An automatic method for finding the greatest or least value of a function",
          {},
          [](const std::vector<double>&) {
            return NamedExpression{"rosenbrock", parse("(1 - x)^2 + 100*(y - x^2)^2"), {"x", "y"}};
          }};
}

}  // namespace etamax::objectives
