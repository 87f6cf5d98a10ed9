#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_map>
#include <unordered_set>

#include "etamax/expr/detail.h"

namespace etamax {

namespace {

Expression call(Op op, const Expression& a) { return Expression::apply(op, {a}); }
Expression square(const Expression& a) { return pow(a, 2.0); }

/// The derivative along a direction, forward through the tree: each variable brings its entry of the
/// direction, and every other is constant. Shared sub-trees are differentiated once.
class Derivative {
 public:
  explicit Derivative(std::unordered_map<std::string, Expression> direction) : direction_(std::move(direction)) {}

  Expression of(const Expression& e) {
    if (e.op() == Op::constant) return 0.0;
    if (e.op() == Op::variable) {
      const auto found = direction_.find(e.name());
      return found == direction_.end() ? Expression(0.0) : found->second;
    }
    if (const auto found = memo_.find(e.id()); found != memo_.end()) return found->second;
    const Expression result = compute(e);
    memo_.emplace(e.id(), result);
    return result;
  }

 private:
  Expression compute(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::add: {
        std::vector<Expression> terms;
        for (const Expression& operand : u)
          if (const Expression d = of(operand); !d.is_constant(0)) terms.push_back(d);
        return terms.empty() ? Expression(0.0) : Expression::apply(Op::add, std::move(terms));
      }
      case Op::multiply: {
        std::vector<Expression> terms;
        for (std::size_t i = 0; i < u.size(); ++i) {
          const Expression d = of(u[i]);
          if (d.is_constant(0)) continue;
          // The products of n factors have n^2 operands in all.
          if ((work_ += u.size()) > std::size_t{ExpressionLimits::work})
            throw InputError("the derivative is too large");
          std::vector<Expression> factors = u;
          factors[i] = d;
          terms.push_back(Expression::apply(Op::multiply, std::move(factors)));
        }
        return terms.empty() ? Expression(0.0) : Expression::apply(Op::add, std::move(terms));
      }
      case Op::divide: {
        const Expression a = of(u[0]), b = of(u[1]);
        if (b.is_constant(0)) return a.is_constant(0) ? a : a / u[1];
        if (u[1].op() == Op::add && is_polynomial(u[0]) && is_polynomial(u[1]))
          return (a * u[1] - u[0] * b) / square(u[1]);  // the terms of the numerator may cancel
        const Expression second = u[0] * b / square(u[1]);
        return a.is_constant(0) ? -second : a / u[1] - second;
      }
      case Op::power:
        return power(e);
      case Op::max:
      case Op::min: {
        const Expression a = of(u[0]), b = of(u[1]);
        // 1 where the first is the larger, -1 where the second is, and the mean of both where they are equal.
        const Expression larger = call(Op::sign, u[0] - u[1]);
        const Expression side = e.op() == Op::max ? larger : -larger;
        return (1.0 + side) / 2.0 * a + (1.0 - side) / 2.0 * b;
      }
      default: {
        const Expression inner = of(u[0]);
        return inner.is_constant(0) ? inner : inner * outer(e, u[0]);
      }
    }
  }

  Expression power(const Expression& e) {
    const Expression& base = e.operands()[0];
    const Expression& exponent = e.operands()[1];
    const Expression a = of(base), b = of(exponent);
    if (b.is_constant(0)) {
      if (a.is_constant(0)) return a;
      const Expression k = simplify(exponent);
      const Expression less = k.op() == Op::constant ? Expression(minus_one(k.value())) : k - 1.0;
      return k * pow(base, less) * a;
    }
    if (base.is_constant(0)) return a;  // 0 where the power has a value beside, and log(0) is none
    const Expression second = e * call(Op::log, base) * b;
    return a.is_constant(0) ? second : second + exponent * pow(base, exponent - 1.0) * a;
  }

  /// Small sums and products of variables, constants and whole powers.
  static bool is_polynomial(const Expression& e) {
    if (e.depth() > 5) return false;
    const auto& u = e.operands();
    if (e.op() == Op::power) return u[1].op() == Op::constant && u[1].value() == 2 && is_polynomial(u[0]);
    if (!u.empty() && e.op() != Op::add && e.op() != Op::multiply) return false;
    return std::all_of(u.begin(), u.end(), is_polynomial);
  }

  /// 5/3 - 1 is 2/3, not its neighbor.
  static double minus_one(double exponent) {
    const auto fraction = detail::named_number(exponent);
    if (!fraction || !fraction->symbol.empty()) return exponent - 1;
    return (fraction->numerator - fraction->denominator) / fraction->denominator;
  }

  static Expression outer(const Expression& e, const Expression& u) {
    switch (e.op()) {
      case Op::sin:
        return call(Op::cos, u);
      case Op::cos:
        return -call(Op::sin, u);
      case Op::tan:
        return 1.0 + square(e);
      case Op::asin:
        return 1.0 / call(Op::sqrt, 1.0 - square(u));
      case Op::acos:
        return -1.0 / call(Op::sqrt, 1.0 - square(u));
      case Op::atan:
        return 1.0 / (1.0 + square(u));
      case Op::sinh:
        return call(Op::cosh, u);
      case Op::cosh:
        return call(Op::sinh, u);
      case Op::tanh:
        return 1.0 / square(call(Op::cosh, u));  // 1 - tanh^2 cancels to 0 where the slope does not vanish
      case Op::exp:
        return e;
      case Op::log:
        return 1.0 / u;
      case Op::log2:
        return 1.0 / (u * call(Op::log, 2.0));
      case Op::log10:
        return 1.0 / (u * call(Op::log, 10.0));
      case Op::log1p:
        return 1.0 / (1.0 + u);
      case Op::expm1:
        return call(Op::exp, u);
      case Op::sqrt:
        return 1.0 / (2.0 * e);
      case Op::cbrt:
        return 1.0 / (3.0 * square(e));
      case Op::abs:
        return call(Op::sign, u);
      case Op::relu:
        return call(Op::step, u);
      case Op::sigmoid:
        return e * (1.0 - e);
      case Op::softplus:
        return call(Op::sigmoid, u);
      case Op::erf:
        return 2.0 * call(Op::exp, -square(u)) / call(Op::sqrt, std::numbers::pi);
      default:
        return 0.0;  // sign, step
    }
  }

  std::unordered_map<std::string, Expression> direction_;
  std::unordered_map<const void*, Expression> memo_;
  std::size_t work_ = 0;
};

void check_size(const std::vector<Expression>& expressions) {
  std::unordered_set<const void*> seen;
  std::vector<Expression> pending = expressions;
  while (!pending.empty()) {
    const Expression e = pending.back();
    pending.pop_back();
    if (!seen.insert(e.id()).second) continue;
    if (seen.size() > static_cast<std::size_t>(ExpressionLimits::nodes))
      throw InputError("the derivative is too large");
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
}

}  // namespace

Expression differentiate(const Expression& expression, std::string_view variable) {
  return gradient(expression, {std::string(variable)})[0];
}

std::vector<Expression> gradient(const Expression& expression, const std::vector<std::string>& variables) {
  detail::Simplification simplified;
  std::vector<Expression> entries;
  for (const std::string& variable : variables)
    entries.push_back(simplified(Derivative({{variable, 1.0}}).of(expression)));
  check_size(entries);
  return entries;
}

std::vector<Expression> hessian(const std::vector<Expression>& gradient, const std::vector<std::string>& variables) {
  detail::Simplification simplified;
  const std::size_t n = variables.size();
  std::vector<Expression> entries(n * n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    Derivative derivative({{variables[j], 1.0}});
    for (std::size_t i = j; i < n; ++i)
      entries[i * n + j] = entries[j * n + i] = simplified(derivative.of(gradient[i]));
  }
  check_size(entries);
  return entries;
}

std::vector<Expression> differentiate_along(const std::vector<Expression>& expressions,
                                            const std::vector<std::pair<std::string, Expression>>& direction) {
  detail::Simplification simplified;
  Derivative derivative({direction.begin(), direction.end()});
  std::vector<Expression> results;
  for (const Expression& e : expressions) results.push_back(simplified(derivative.of(e)));
  check_size(results);
  return results;
}

}  // namespace etamax
