#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "etamax/expr/detail.h"

namespace etamax {

std::optional<detail::NamedNumber> detail::named_number(double value) {
  if (!std::isfinite(value) || value == std::round(value)) return std::nullopt;
  for (const auto& [symbol, unit] : {std::pair{"pi", std::numbers::pi}, std::pair{"e", std::numbers::e}}) {
    for (double denominator = 1; denominator <= 12; ++denominator) {
      const double numerator = std::round(value / unit * denominator);
      if (numerator != 0 && std::abs(numerator) <= 1000 && numerator * unit / denominator == value)
        return NamedNumber{numerator, denominator, symbol};
    }
  }
  if (fmt::format("{}", std::abs(value)).size() <= 10) return std::nullopt;
  for (double denominator = 3; denominator <= 1000; ++denominator) {
    const double numerator = std::round(value * denominator);
    if (numerator != 0 && std::abs(numerator) <= 1e6 && numerator / denominator == value)
      return NamedNumber{numerator, denominator, ""};
  }
  return std::nullopt;
}

namespace {

/// How tightly an expression holds together: what stands inside something tighter needs parentheses.
enum Tightness { kSum = 1, kProduct = 2, kPower = 4, kAtom = 5 };

struct Printed {
  std::string text;
  int tightness;
};

/// True for a term that begins with a minus, so that a sum can print it as " - 2*x".
bool negative(const Expression& e) {
  if (e.op() == Op::constant) return e.value() < 0;
  if (e.op() == Op::multiply || e.op() == Op::divide) return negative(e.operands()[0]);
  return false;
}

bool has_minus_sign(const std::vector<Expression>& factors) { return factors.size() > 1 && factors[0].is_constant(-1); }

class TextPrinter {
 public:
  explicit TextPrinter(std::size_t limit) : limit_(limit) {}

  Printed print(const Expression& e) {
    if (cut()) return {"...", kAtom};
    Printed result = compose(e);
    if (e.operands().empty()) spent_ += result.text.size();
    return result;
  }
  bool cut() const { return spent_ > limit_; }

 private:
  std::string inside(const Expression& e, int needed) {
    const Printed p = print(e);
    return p.tightness < needed ? "(" + p.text + ")" : p.text;
  }

  static Printed number(double value) {
    if (std::isnan(value)) return {"0/0", kProduct};
    if (std::isinf(value)) return {value > 0 ? "1/0" : "-1/0", kProduct};
    const auto named = detail::named_number(value);
    if (!named) return {fmt::format("{}", value), std::signbit(value) ? kProduct : kAtom};
    const auto& [numerator, denominator, symbol] = *named;
    std::string text = symbol.empty()    ? fmt::format("{}", numerator)
                       : numerator == 1  ? symbol
                       : numerator == -1 ? "-" + symbol
                                         : fmt::format("{}*{}", numerator, symbol);
    if (denominator != 1) text += fmt::format("/{}", denominator);
    return {text, text == symbol ? kAtom : kProduct};
  }

  Printed compose(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::constant:
        return number(e.value());
      case Op::variable:
        return {e.name(), kAtom};
      case Op::add:
        return sum(u);
      case Op::multiply:
        return product(u);
      case Op::divide: {
        const std::string above = inside(u[0], kProduct);
        return {above + "/" + inside(u[1], kProduct + 1), kProduct};
      }
      case Op::power: {
        const std::string base = inside(u[0], kAtom);
        return {base + "^" + inside(u[1], kPower), kPower};
      }
      default:
        break;
    }
    std::string operands;
    for (const Expression& operand : u) operands += (operands.empty() ? "" : ", ") + print(operand).text;
    return {detail::function_name(e.op()) + "(" + operands + ")", kAtom};
  }

  Printed sum(const std::vector<Expression>& terms) {
    std::string text;
    for (const Expression& term : terms) {
      const std::string printed = inside(term, text.empty() ? kSum : kSum + 1);
      if (text.empty())
        text = printed;
      else if (negative(term) && printed.front() == '-')
        text += " - " + printed.substr(1);
      else
        text += " + " + printed;
    }
    return {text, kSum};
  }

  Printed product(const std::vector<Expression>& factors) {
    const bool minus = has_minus_sign(factors);
    std::string text = minus ? "-" : "";
    for (std::size_t i = minus ? 1 : 0; i < factors.size(); ++i) {
      // After a sign or another factor, a quotient or a negative number would read as something else.
      const bool first = i == 0;
      text += (first || text == "-" ? "" : "*") + inside(factors[i], first ? kProduct : kProduct + 1);
    }
    return {text, kProduct};
  }

  std::size_t limit_, spent_ = 0;
};

const std::string kMinus = "<mo>&#x2212;</mo>", kTimes = "<mo>&#x22C5;</mo>", kInvisibleTimes = "<mo>&#x2062;</mo>",
                  kTimesAndSpace = "<mo lspace=\"0\" rspace=\"0.17em\">&#x2062;</mo>",
                  kPrime = "<mo lspace=\"0\" rspace=\"0\">&#x2032;</mo>";

class MathmlPrinter {
 public:
  explicit MathmlPrinter(std::size_t limit) : limit_(limit) {}

  Printed print(const Expression& e) {
    if (spent_ > limit_) return {"<mo>&#x2026;</mo>", kAtom};
    spent_ += 12;
    return compose(e);
  }

 private:
  std::string inside(const Expression& e, int needed) {
    const Printed p = print(e);
    return "<mrow>" + (p.tightness < needed ? "<mo>(</mo>" + p.text + "<mo>)</mo>" : p.text) + "</mrow>";
  }

  static std::string fraction(const std::string& above, const std::string& below) {
    return "<mfrac><mrow>" + above + "</mrow><mrow>" + below + "</mrow></mfrac>";
  }

  static Printed number(double value) {
    if (std::isnan(value)) return {fraction("<mn>0</mn>", "<mn>0</mn>"), kPower};
    const std::string sign = std::signbit(value) ? kMinus : "";
    if (std::isinf(value)) return {sign + "<mi>&#x221E;</mi>", sign.empty() ? kAtom : kProduct};
    if (const auto named = detail::named_number(value)) {
      const double size = std::abs(named->numerator);
      std::string above = size == 1 && !named->symbol.empty() ? "" : fmt::format("<mn>{}</mn>", size);
      if (!above.empty() && !named->symbol.empty()) above += kInvisibleTimes;
      if (!named->symbol.empty()) above += named->symbol == "pi" ? "<mi>&#x3C0;</mi>" : "<mi>e</mi>";
      const bool whole = named->denominator == 1;
      return {sign + (whole ? above : fraction(above, fmt::format("<mn>{}</mn>", named->denominator))), kProduct};
    }
    const std::string digits = fmt::format("{}", std::abs(value));
    const auto exponent = digits.find('e');
    if (exponent == std::string::npos) return {sign + "<mn>" + digits + "</mn>", sign.empty() ? kAtom : kProduct};
    const int power = std::stoi(digits.substr(exponent + 1));
    const std::string ten =
        fmt::format("<msup><mn>10</mn><mrow>{}<mn>{}</mn></mrow></msup>", power < 0 ? kMinus : "", std::abs(power));
    const std::string mantissa = digits.substr(0, exponent);
    return {sign + (mantissa == "1" ? ten : "<mn>" + mantissa + "</mn><mo>&#xD7;</mo>" + ten), kProduct};
  }

  /// x12 and x_12 with the number below; x' with the prime beside it, where fonts have it at its height.
  static std::string name(const std::string& name) {
    if (name.size() > 1 && name.back() == '\'') return MathmlPrinter::name(name.substr(0, name.size() - 1)) + kPrime;
    const std::string letters = stem(name), below = name.substr(name.find_last_not_of("0123456789") + 1);
    if (letters == name) return "<mi>" + escaped(name) + "</mi>";
    return "<msub><mi>" + escaped(letters) + "</mi><mn>" + below + "</mn></msub>";
  }
  /// A name less the number at its end, where something is left.
  static std::string stem(const std::string& name) {
    const auto last = name.find_last_not_of("0123456789");
    if (last == std::string::npos || last + 1 == name.size()) return name;
    const std::string letters = name.substr(0, name[last] == '_' ? last : last + 1);
    return letters.empty() ? name : letters;
  }
  static std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
      if (c == '&')
        result += "&amp;";
      else if (c == '<')
        result += "&lt;";
      else if (c == '>')
        result += "&gt;";
      else
        result += c;
    }
    return result;
  }

  Printed compose(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::constant:
        return number(e.value());
      case Op::variable:
        return {name(e.name()), kAtom};
      case Op::add:
        return sum(u);
      case Op::multiply:
        return product(u);
      case Op::divide: {
        const Printed above = print(u[0]);
        const std::string below = print(u[1]).text;
        if (above.tightness >= kProduct && above.text.rfind(kMinus, 0) == 0)
          return {kMinus + fraction(above.text.substr(kMinus.size()), below), kProduct};
        return {fraction(above.text, below), kPower};
      }
      case Op::power: {
        const std::string base = inside(u[0], kAtom);
        return {"<msup>" + base + "<mrow>" + print(u[1]).text + "</mrow></msup>", kPower};
      }
      case Op::sqrt:
        return {"<msqrt>" + print(u[0]).text + "</msqrt>", kAtom};
      case Op::abs:
        return {"<mrow><mo>|</mo>" + print(u[0]).text + "<mo>|</mo></mrow>", kAtom};
      default:
        break;
    }
    std::string operands;
    for (const Expression& operand : u) operands += (operands.empty() ? "" : "<mo>,</mo>") + print(operand).text;
    return {"<mi>" + detail::function_name(e.op()) + "</mi><mo>&#x2061;</mo><mrow><mo>(</mo>" + operands +
                "<mo>)</mo></mrow>",
            kAtom};
  }

  /// It is printed with a name of several letters at one of its ends: lr, sin(x), lr^2.
  static bool has_word(const Expression& e) {
    switch (e.op()) {
      case Op::variable:
        return stem(e.name()).size() > 1;
      case Op::power:
        return has_word(e.operands()[0]);
      case Op::multiply:
        return has_word(e.operands().front()) || has_word(e.operands().back());
      case Op::constant:
      case Op::add:
      case Op::divide:
      case Op::sqrt:
      case Op::abs:
        return false;
      default:
        return true;
    }
  }

  /// Two numbers side by side would read as one, and so would two words.
  static std::string times(const Expression& left, const Expression& right) {
    if (right.op() == Op::constant) return kTimes;
    return has_word(left) || has_word(right) ? kTimesAndSpace : kInvisibleTimes;
  }

  Printed sum(const std::vector<Expression>& terms) {
    std::string text;
    for (const Expression& term : terms) {
      const std::string printed = print(term).text;
      if (!text.empty() && printed.rfind(kMinus, 0) != 0) text += "<mo>+</mo>";
      text += printed;
    }
    return {text, kSum};
  }

  Printed product(const std::vector<Expression>& factors) {
    const bool minus = has_minus_sign(factors);
    std::string text = minus ? kMinus : "";
    for (std::size_t i = minus ? 1 : 0; i < factors.size(); ++i) {
      if (i > (minus ? 1u : 0u)) text += times(factors[i - 1], factors[i]);
      const Printed p = print(factors[i]);
      const bool fenced = p.tightness < (i == 0 ? kProduct : kProduct + 1);
      text += fenced ? "<mrow><mo>(</mo>" + p.text + "<mo>)</mo></mrow>" : p.text;
    }
    return {text, kProduct};
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

std::string to_mathml(const Expression& expression, std::size_t limit) {
  return MathmlPrinter(limit).print(expression).text;
}

}  // namespace etamax
