#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec himmelblau() {
  return {"himmelblau",
          "four minima of value 0",
          "Himmelblau 1972, Applied nonlinear programming",
          {},
          [](const std::vector<double>&) {
            return NamedExpression{"himmelblau", parse("(x^2 + y - 11)^2 + (x + y^2 - 7)^2"), {"x", "y"}};
          }};
}

}  // namespace etamax::objectives
