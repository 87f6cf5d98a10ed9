#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec logcosh() {
  return {"logcosh", "log(cosh(x)): quadratic near 0, linear far away", "", {}, [](const std::vector<double>&) {
            return NamedExpression{"logcosh", parse("softplus(2*x) - x - log(2)"), {"x"}};
          }};
}

}  // namespace etamax::objectives
