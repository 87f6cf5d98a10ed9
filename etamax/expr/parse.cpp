#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <initializer_list>
#include <numbers>
#include <optional>
#include <set>
#include <string>

#include "etamax/core/decimal.h"
#include "etamax/core/suggest.h"
#include "etamax/core/utf8.h"
#include "etamax/expr/detail.h"

namespace etamax {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// One character as it is shown: blanks of any kind as a space, for they may be part of an expression.
std::string shown_character(std::string_view text, std::size_t& at) {
  if (text[at] != '\t' && text[at] != '\n' && text[at] != '\r') return visible_character(text, at);
  ++at;
  return " ";
}

std::size_t columns(const std::string& visible) {
  return static_cast<std::size_t>(
      std::count_if(visible.begin(), visible.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// How many characters stand before the place.
std::size_t characters_before(std::string_view text, std::size_t position) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < position; ++count) at += std::max<std::size_t>(utf8_length(text, at), 1);
  return count;
}

std::array<std::string, 2> excerpt_of(std::string_view text, std::size_t position) {
  constexpr std::size_t kSide = 36;  // columns on each side of the place
  const std::string cut = "...";
  std::deque<std::string> before;
  std::size_t room = kSide, at = 0;
  bool longer = false;
  while (at < position) {
    before.push_back(shown_character(text, at));
    for (const std::size_t size = columns(before.back()); size > room; before.pop_front()) {
      room += columns(before.front());
      longer = true;
    }
    room -= columns(before.back());
  }
  std::string shown = longer ? cut : "";
  for (const std::string& character : before) shown += character;
  const std::string caret(columns(shown), ' ');
  for (room = kSide; at < text.size();) {
    const std::string character = shown_character(text, at);
    if (columns(character) > room) {
      shown += cut;
      break;
    }
    room -= columns(character);
    shown += character;
  }
  return {"  " + shown, "  " + caret + "^"};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Expression run() {
    const std::string limit = std::to_string(ExpressionLimits::characters);
    if (text_.size() > static_cast<std::size_t>(ExpressionLimits::characters))
      fail(ExpressionLimits::characters, "the expression is longer than " + limit + " characters");
    skip();
    if (at_ == text_.size()) fail(at_, "expected an expression, but there is none");
    const Expression e = sum();
    if (peek() == ')' || peek() == '|') fail(at_, std::string("this '") + peek() + "' closes nothing");
    if (at_ < text_.size()) fail(at_, unexpected("an operator or the end"));
    if (e.depth() > ExpressionLimits::tree_depth)
      fail(0, "the operations are nested more than " + std::to_string(ExpressionLimits::tree_depth) + " deep");
    return e;
  }

 private:
  [[noreturn]] void fail(std::size_t position, const std::string& expected) const {
    throw ParseError(text_, position, expected);
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool starts(std::string_view token) const { return text_.substr(at_, token.size()) == token; }

  bool accept(std::string_view token) {
    if (!starts(token)) return false;
    at_ += token.size();
    skip();
    return true;
  }

  bool accept_any(std::initializer_list<std::string_view> tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [&](std::string_view token) { return accept(token); });
  }

  bool accept_times() { return !starts("**") && accept_any({"*", "·", "×", "⋅", "∙"}); }
  bool accept_divide() { return accept_any({"/", "÷"}); }
  bool accept_minus() { return accept_any({"-", "−"}); }

  std::string unexpected(const std::string& expected) const {
    if (at_ >= text_.size()) return "expected " + expected + ", but the text ends";
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '=') return "an expression has no '='; give only its right-hand side";
    if (is_digit(text_[at_])) return "expected " + expected + " before this number; for a product write *";
    if (c >= 128) return "expected " + expected + ", not this non-ASCII character";
    if (c < 32 || c == 127) return "expected " + expected + ", not a control character";
    return "expected " + expected + ", not '" + text_[at_] + "'";
  }

  struct Nesting {
    explicit Nesting(Parser& p) : parser(p) {
      if (++parser.depth_ > ExpressionLimits::depth)
        parser.fail(parser.at_, "nested more than " + std::to_string(ExpressionLimits::depth) + " deep");
    }
    ~Nesting() { --parser.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    Parser& parser;
  };

  Expression sum() {
    std::vector<Expression> terms{product()};
    while (true) {
      if (accept("+"))
        terms.push_back(product());
      else if (accept_minus())
        terms.push_back(-product());
      else
        break;
    }
    return terms.size() == 1 ? terms[0] : Expression::apply(Op::add, std::move(terms));
  }

  Expression product() {
    std::vector<Expression> factors{unary()};
    int divisions = 0;
    const auto joined = [&] { return factors.size() == 1 ? factors[0] : Expression::apply(Op::multiply, factors); };
    while (true) {
      const std::size_t start = at_;
      if (accept_times()) {
        factors.push_back(unary());
      } else if (accept_divide()) {
        // Each division nests the one before it.
        if (++divisions > ExpressionLimits::depth)
          fail(start, "more than " + std::to_string(ExpressionLimits::depth) + " divisions in a row");
        factors = {joined() / unary()};
      } else if (peek() == '(' || is_letter(peek()) || starts("π")) {
        factors.push_back(power());
      } else {
        return joined();
      }
    }
  }

  Expression unary() {
    const Nesting nesting(*this);
    if (accept_minus()) return -unary();
    if (accept("+")) return unary();
    return power();
  }

  Expression power() {
    Expression base = atom();
    if (const std::optional<int> exponent = superscript()) base = pow(base, static_cast<double>(*exponent));
    skip();
    if (accept("^") || accept("**")) return pow(base, unary());
    return base;
  }

  std::optional<int> superscript() {
    static constexpr std::string_view digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    const std::size_t start = at_;
    bool negative = false, any = false;
    int number = 0;
    if (text_.substr(at_, 3) == "⁻") negative = true, at_ += 3;
    for (bool more = true; more;) {
      more = false;
      for (int d = 0; d < 10; ++d) {
        if (text_.substr(at_, digits[d].size()) != digits[d]) continue;
        if (number > 9999) fail(start, "expected a smaller exponent");
        number = 10 * number + d, any = more = true;
        at_ += digits[d].size();
        break;
      }
    }
    if (!any) {
      at_ = start;
      return std::nullopt;
    }
    return negative ? -number : number;
  }

  Expression number() {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') ++at_;
    while (is_digit(peek())) ++at_;
    // 2e3 and 2e-3 are numbers, 2e and 2e*x have the constant e.
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        while (is_digit(peek())) ++at_;
      }
    }
    const std::string digits(text_.substr(start, at_ - start));
    const std::optional<double> value = decimal_value(digits);
    if (!value) fail(start, "expected a number");
    const bool is_zero = digits.substr(0, digits.find_first_of("eE")).find_first_of("123456789") == std::string::npos;
    if (std::isinf(*value) || (*value == 0 && !is_zero))
      fail(start, "expected a number within the range of 64-bit floating point");
    if (peek() == '.') fail(at_, "a number has one decimal point");
    return *value;
  }

  Expression atom() {
    const std::size_t start = at_;
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) {
      const Expression e = number();
      skip();
      return e;
    }
    if (accept("(")) {
      const Expression e = sum();
      close(start);
      return e;
    }
    if (accept("|")) {
      const Expression e = sum();
      if (at_ >= text_.size()) fail(start, "this '|' is never closed");
      if (!accept("|")) fail(at_, unexpected("an operator or '|'"));
      return Expression::apply(Op::abs, {e});
    }
    if (accept("π")) return std::numbers::pi;
    if (!is_letter(peek())) fail(at_, unexpected("a number, a variable, a function or '('"));
    while (is_letter(peek()) || is_digit(peek()) || peek() == '_') ++at_;
    const std::string name(text_.substr(start, at_ - start));
    skip();
    if (name == "pi") return std::numbers::pi;
    if (name == "e") return std::numbers::e;
    for (const auto& [function, op] : detail::functions())
      if (function == name) return call(name, op, start);
    if (peek() == '(') refuse_call(name, start);
    if (names_.insert(name).second && names_.size() > static_cast<std::size_t>(ExpressionLimits::variables))
      fail(start, "more than " + std::to_string(ExpressionLimits::variables) + " variables");
    return Expression::variable(name);
  }

  Expression call(const std::string& name, Op op, std::size_t start) {
    if (peek() != '(') {
      const bool raised = superscript().has_value() || peek() == '^' || starts("**");
      fail(at_, "expected '(' after " + name + ", as in " + name + (raised ? "(x)^2" : "(x)"));
    }
    const std::size_t open = at_;
    accept("(");
    if (peek() == ')') fail(at_, name + " needs an operand");
    const bool many = op == Op::max || op == Op::min;
    std::vector<Expression> operands{sum()};
    while (accept(",")) operands.push_back(sum());
    close(open);
    if (!many && operands.size() != 1) fail(start, name + " takes one operand, not " + std::to_string(operands.size()));
    if (many && operands.size() != 2) fail(start, name + " takes two operands, not " + std::to_string(operands.size()));
    return Expression::apply(op, std::move(operands));
  }

  void close(std::size_t open) {
    if (at_ >= text_.size()) fail(open, "this '(' is never closed");
    if (peek() != ')') fail(at_, unexpected("an operator or ')'"));
    ++at_;
    skip();
  }

  [[noreturn]] void refuse_call(const std::string& name, std::size_t start) const {
    std::vector<std::string> known;
    for (const auto& [function, op] : detail::functions()) known.push_back(function);
    const std::string near = name.size() > 1 ? closest(name, known) : "";
    if (!near.empty()) fail(start, "there is no function " + name + "; did you mean " + near + "?");
    if (name.size() <= 2) fail(start, "there is no function " + name + "; for a product write " + name + "*(...)");
    std::string list;
    for (const std::string& function : known) list += (list.empty() ? "" : ", ") + function;
    fail(start, "there is no function " + name + "; there are " + list);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::set<std::string> names_;
};

}  // namespace

ParseError::ParseError(std::string_view text, std::size_t position, const std::string& expected)
    : InputError("expression", std::string(text), expected,
                 "at character " + std::to_string(characters_before(text, position) + 1) + ": " + expected),
      position_(position),
      summary_(expected),
      excerpt_(excerpt_of(text, position)) {}

Expression parse(std::string_view text) { return Parser(text).run(); }

}  // namespace etamax
