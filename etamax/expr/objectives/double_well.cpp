#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec double_well() {
  return {"double_well", "two minima, at -1 and 1, with sharpness 2", "", {}, [](const std::vector<double>&) {
            return NamedExpression{"double_well", parse("(x^2 - 1)^2/4"), {"x"}};
          }};
}

}  // namespace etamax::objectives
