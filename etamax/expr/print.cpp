#include <fmt/format.h>

#include <cmath>

#include "etamax/expr/detail.h"

namespace etamax {
namespace {

/// How tightly an expression holds together: what stands inside something tighter needs parentheses.
enum Tightness { kSum = 1, kProduct = 2, kPower = 4, kAtom = 5 };

struct Printed {
  std::string text;
  int tightness;
};

std::string wrapped(const Printed& p, int needed) { return p.tightness < needed ? "(" + p.text + ")" : p.text; }

/// The coefficient in front of a term, so that a sum can print it as " - 2*x".
bool negative(const Expression& e) {
  if (e.op() == Op::constant) return e.value() < 0;
  if (e.op() == Op::multiply || e.op() == Op::divide) return negative(e.operands()[0]);
  return false;
}

class TextPrinter {
 public:
  explicit TextPrinter(std::size_t limit) : limit_(limit) {}

  Printed print(const Expression& e) {
    if (spent_ > limit_) return {"...", kAtom};
    Printed result = compose(e);
    if (e.operands().empty()) spent_ += result.text.size();
    return result;
  }
  bool cut() const { return spent_ > limit_; }

 private:
  Printed compose(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::constant:
        return {fmt::format("{}", e.value()), e.value() < 0 ? kProduct : kAtom};
      case Op::variable: return {e.name(), kAtom};
      case Op::add: return sum(u);
      case Op::multiply: return product(u);
      case Op::divide: return {wrapped(print(u[0]), kProduct) + "/" + wrapped(print(u[1]), kProduct + 1), kProduct};
      case Op::power: return {wrapped(print(u[0]), kAtom) + "^" + wrapped(print(u[1]), kPower), kPower};
      default: break;
    }
    std::string inside;
    for (const Expression& operand : u) inside += (inside.empty() ? "" : ", ") + print(operand).text;
    return {detail::function_name(e.op()) + "(" + inside + ")", kAtom};
  }

  Printed sum(const std::vector<Expression>& terms) {
    std::string text;
    for (const Expression& term : terms) {
      const Printed printed = print(term);
      if (text.empty())
        text = printed.text;
      else if (negative(term) && printed.text.front() == '-')
        text += " - " + printed.text.substr(1);
      else
        text += " + " + wrapped(printed, kSum + (term.op() == Op::add ? 1 : 0));
    }
    return {text, kSum};
  }

  Printed product(const std::vector<Expression>& factors) {
    std::string text;
    for (std::size_t i = 0; i < factors.size(); ++i) {
      if (i == 0 && factors.size() > 1 && factors[0].is_constant(-1)) {
        text = "-";
        continue;
      }
      const Printed printed = print(factors[i]);
      const bool first = text.empty() || text == "-";
      // A quotient or a negative number after the first factor would read as something else.
      const int needed = first && text.empty() ? kProduct : factors[i].op() == Op::multiply && first ? kProduct : kProduct + 1;
      text += (first ? "" : "*") + wrapped(printed, needed);
    }
    return {text, kProduct};
  }

  std::size_t limit_, spent_ = 0;
};

class MathmlPrinter {
 public:
  explicit MathmlPrinter(std::size_t limit) : limit_(limit) {}

  Printed print(const Expression& e) {
    if (spent_ > limit_) return {"<mo>&#x2026;</mo>", kAtom};
    spent_ += 12;
    return compose(e);
  }

 private:
  static std::string fenced(const Printed& p, int needed) {
    return p.tightness < needed ? "<mrow><mo>(</mo>" + p.text + "<mo>)</mo></mrow>" : "<mrow>" + p.text + "</mrow>";
  }
  static std::string number(double value) {
    return value < 0 ? fmt::format("<mo>&#x2212;</mo><mn>{}</mn>", -value) : fmt::format("<mn>{}</mn>", value);
  }

  Printed compose(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::constant: return {number(e.value()), e.value() < 0 ? kProduct : kAtom};
      case Op::variable: return {"<mi>" + e.name() + "</mi>", kAtom};
      case Op::add: {
        std::string text;
        for (const Expression& term : u) {
          const std::string printed = print(term).text;
          const std::string minus = "<mo>&#x2212;</mo>";
          if (text.empty())
            text = printed;
          else if (printed.rfind(minus, 0) == 0)
            text += printed;
          else
            text += "<mo>+</mo>" + printed;
        }
        return {text, kSum};
      }
      case Op::multiply: {
        std::string text;
        for (std::size_t i = 0; i < u.size(); ++i) {
          if (i == 0 && u.size() > 1 && u[0].is_constant(-1)) {
            text = "<mo>&#x2212;</mo>";
            continue;
          }
          const Printed printed = print(u[i]);
          const bool first = i == 0 || (i == 1 && u[0].is_constant(-1));
          if (!first) text += u[i].op() == Op::constant ? "<mo>&#x22C5;</mo>" : "<mo>&#x2062;</mo>";
          text += first ? (printed.tightness < kProduct ? fenced(printed, kProduct) : printed.text) : fenced(printed, kProduct + 1);
        }
        return {text, kProduct};
      }
      case Op::divide: return {"<mfrac><mrow>" + print(u[0]).text + "</mrow><mrow>" + print(u[1]).text + "</mrow></mfrac>", kPower};
      case Op::power: return {"<msup>" + fenced(print(u[0]), kAtom) + "<mrow>" + print(u[1]).text + "</mrow></msup>", kPower};
      case Op::sqrt: return {"<msqrt>" + print(u[0]).text + "</msqrt>", kAtom};
      case Op::abs: return {"<mrow><mo>|</mo>" + print(u[0]).text + "<mo>|</mo></mrow>", kAtom};
      default: break;
    }
    std::string inside;
    for (const Expression& operand : u) inside += (inside.empty() ? "" : "<mo>,</mo>") + print(operand).text;
    return {"<mi>" + detail::function_name(e.op()) + "</mi><mo>&#x2061;</mo><mrow><mo>(</mo>" + inside + "<mo>)</mo></mrow>", kAtom};
  }

  std::size_t limit_, spent_ = 0;
};

}  // namespace

std::string to_text(const Expression& expression, std::size_t limit) {
  TextPrinter printer(limit);
  std::string text = printer.print(expression).text;
  if (printer.cut() || text.size() > limit) text = text.substr(0, limit) + " ...";
  return text;
}

std::string to_mathml(const Expression& expression, std::size_t limit) { return MathmlPrinter(limit).print(expression).text; }

Expression gradient_step(std::string_view variable, const Expression& gradient) {
  const Expression x = Expression::variable(std::string(variable)), lr = Expression::variable("lr");
  // gradient = c x^k: the variable comes out as a factor.
  const Expression ratio = simplify(gradient / x);
  const bool multiple = ratio.op() == Op::constant ||
                        (ratio.op() != Op::divide && ratio.op() != Op::add &&
                         !(ratio.op() == Op::power && ratio.operands()[1].op() == Op::constant && ratio.operands()[1].value() < 0));
  if (!multiple || gradient.is_constant(0)) return x - lr * gradient;
  const std::vector<std::string> names = variables(ratio);
  double coefficient = 1;
  std::vector<Expression> factors;
  if (ratio.op() == Op::constant) {
    coefficient = ratio.value();
  } else if (ratio.op() == Op::multiply) {
    for (const Expression& factor : ratio.operands()) {
      if (factor.op() == Op::constant) coefficient *= factor.value();
      else factors.push_back(factor);
    }
  } else {
    factors.push_back(ratio);
  }
  for (const Expression& factor : factors)
    if (factor.op() != Op::variable && factor.op() != Op::power) return x - lr * gradient;
  std::vector<Expression> product;
  if (coefficient != 1) product.push_back(-std::abs(coefficient) * (coefficient > 0 ? 1.0 : -1.0));
  else product.push_back(-1.0);
  product.push_back(lr);
  product.insert(product.end(), factors.begin(), factors.end());
  return Expression::apply(Op::multiply, {x, Expression::apply(Op::add, {1.0, Expression::apply(Op::multiply, product)})});
}

}  // namespace etamax
