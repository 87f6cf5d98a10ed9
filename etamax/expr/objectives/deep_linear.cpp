#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec deep_linear() {
  return {"deep_linear",
          "two linear layers fitting 1: sharpness varies along the valley x*y = 1",
          "",
          {},
          [](const std::vector<double>&) {
            return NamedExpression{"deep_linear", parse("(1 - x*y)^2/2"), {"x", "y"}};
          }};
}

}  // namespace etamax::objectives
