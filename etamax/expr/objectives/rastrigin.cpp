#include <numbers>

#include "etamax/expr/objective_table.h"

namespace etamax::objectives {

ObjectiveSpec rastrigin() {
  return {"rastrigin",
          "a bowl with a regular grid of local minima; minimum 0 at 0",
          "Rastrigin 1974, Systems of extremal control",
          {{"n", 2, 1, ExpressionLimits::variables, true, "the number of variables"}},
          [](const std::vector<double>& p) {
            const int n = static_cast<int>(p[0]);
            std::vector<std::string> names;
            std::vector<Expression> terms{10.0 * n};
            for (int i = 0; i < n; ++i) {
              names.push_back(n == 1 ? "x" : n == 2 ? (i == 0 ? "x" : "y") : "x" + std::to_string(i + 1));
              const Expression x = Expression::variable(names.back());
              terms.push_back(pow(x, 2.0));
              terms.push_back(-10.0 * Expression::apply(Op::cos, {2.0 * std::numbers::pi * x}));
            }
            return NamedExpression{"rastrigin", Expression::apply(Op::add, std::move(terms)), names};
          }};
}

}  // namespace etamax::objectives
