#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec quadratic() {
  return {"quadratic",
          "(x^2 + condition*y^2)/2: diverges above 2/condition",
          "",
          {{"condition", 100, 1e-12, 1e12, false, "the ratio of the curvatures"}},
          [](const std::vector<double>& p) {
            const Expression x = Expression::variable("x"), y = Expression::variable("y");
            return NamedExpression{"quadratic", (pow(x, 2.0) + p[0] * pow(y, 2.0)) / 2.0, {"x", "y"}};
          }};
}

}  // namespace etamax::objectives
