#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec beale() {
  return {"beale",
          "flat regions and sharp corners; minimum 0 at (3, 0.5)",
          "Beale 1958, On an iterative method for finding a local minimum",
          {},
          [](const std::vector<double>&) {
            return NamedExpression{
                "beale", parse("(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2"), {"x", "y"}};
          }};
}

}  // namespace etamax::objectives
