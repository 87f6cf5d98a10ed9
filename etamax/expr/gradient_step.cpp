#include <algorithm>
#include <cmath>

#include "etamax/expr/expression.h"

namespace etamax {
namespace {

/// A term as coefficient * factors / denominator.
struct Term {
  double coefficient = 1;
  std::vector<Expression> factors;
  std::vector<Expression> denominator;  ///< none, or one
};

Term split(const Expression& e) {
  Term term;
  const bool quotient = e.op() == Op::divide;
  const Expression& above = quotient ? e.operands()[0] : e;
  if (quotient) term.denominator.push_back(e.operands()[1]);
  const std::vector<Expression> factors = above.op() == Op::multiply ? above.operands() : std::vector{above};
  for (const Expression& factor : factors) {
    if (factor.op() == Op::constant && std::isnormal(term.coefficient * factor.value()))
      term.coefficient *= factor.value();
    else
      term.factors.push_back(factor);
  }
  return term;
}

/// Takes one factor `variable` out of the term; false where there is none.
bool take_out(Term& term, std::string_view variable) {
  const auto is_variable = [&](const Expression& e) { return e.op() == Op::variable && e.name() == variable; };
  for (auto factor = term.factors.begin(); factor != term.factors.end(); ++factor) {
    if (is_variable(*factor)) {
      term.factors.erase(factor);
      return true;
    }
    if (factor->op() != Op::power || !is_variable(factor->operands()[0])) continue;
    const Expression& exponent = factor->operands()[1];
    if (exponent.op() != Op::constant || exponent.value() < 2) continue;
    *factor = pow(factor->operands()[0], exponent.value() - 1);
    return true;
  }
  return false;
}

/// scale * lr * term.
Expression times_rate(const Term& term, double scale) {
  std::vector<Expression> product;
  if (const double c = scale * term.coefficient; c != 1) product.push_back(c);
  product.push_back(Expression::variable("lr"));
  product.insert(product.end(), term.factors.begin(), term.factors.end());
  // Those beyond the range of numbers together.
  std::stable_partition(product.begin(), product.end(), [](const Expression& e) { return e.op() == Op::constant; });
  const Expression above = product.size() == 1 ? product[0] : Expression::apply(Op::multiply, std::move(product));
  return term.denominator.empty() ? above : above / term.denominator[0];
}

}  // namespace

Expression gradient_step(std::string_view variable, const Expression& gradient) {
  const Expression x = Expression::variable(std::string(variable));
  if (gradient.is_constant(0)) return x;
  Term term = split(gradient);
  if (take_out(term, variable)) {
    const Expression factor = Expression::apply(Op::add, {1.0, times_rate(term, -1)});
    return Expression::apply(Op::multiply, {x, factor});
  }
  return Expression::apply(Op::add, {x, times_rate(term, -1)});
}

}  // namespace etamax
