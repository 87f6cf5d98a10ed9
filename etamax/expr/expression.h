#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etamax/core/error.h"

/// Expressions: what a person types, as an immutable tree with shared sub-trees.
namespace etamax {

enum class Op : std::uint8_t {
  constant,
  variable,
  add,
  multiply,  // any number of operands
  divide,
  power,
  max,
  min,  // two
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  exp,
  log,
  log2,
  log10,
  log1p,
  expm1,
  sqrt,
  cbrt,
  abs,
  sign,
  step,
  relu,
  sigmoid,
  softplus,
  erf,  // one
};

/// A handle to an immutable node; copying is cheap. Negation is multiplication by -1, subtraction addition of
/// that.
class Expression {
 public:
  Expression(double constant);  // NOLINT: a number is an expression
  static Expression variable(std::string name);
  static Expression apply(Op op, std::vector<Expression> operands);

  Op op() const;
  double value() const;             ///< of a constant
  const std::string& name() const;  ///< of a variable
  const std::vector<Expression>& operands() const;
  bool same_node(const Expression& other) const { return node_ == other.node_; }
  const void* id() const { return node_.get(); }
  int depth() const;  ///< operations on the longest way down; 0 for a constant or a variable
  bool is_constant(double c) const { return op() == Op::constant && value() == c; }

 private:
  struct Node;
  explicit Expression(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::shared_ptr<const Node> node_;
};

Expression operator+(const Expression& a, const Expression& b);
Expression operator-(const Expression& a, const Expression& b);
Expression operator*(const Expression& a, const Expression& b);
Expression operator/(const Expression& a, const Expression& b);
Expression operator-(const Expression& a);
Expression pow(const Expression& base, const Expression& exponent);

/// Bounds on what is accepted and on what is built from it.
struct ExpressionLimits {
  static constexpr int variables = 64;
  static constexpr int depth = 200;  ///< nesting of the text
  static constexpr int tree_depth = 1000;
  static constexpr int characters = 10000;
  static constexpr int nodes = 100000;  ///< distinct nodes of a derivative
  static constexpr int work = 500000;   ///< operands looked at to simplify a gradient or a Hessian: about a second
};

/// An expression that cannot be read. `what()` is one line: "at character 5: this '(' is never closed". Where there is
/// room for three, `summary()` is the same without the place, and `excerpt()` shows it.
class ParseError : public InputError {
 public:
  ParseError(std::string_view text, std::size_t position, const std::string& expected);
  std::size_t position() const { return position_; }  ///< byte offset into the text
  const std::string& summary() const { return summary_; }
  /// Two lines of at most 80 columns: the text, or what is around the place of a long one, and a caret under the place.
  const std::array<std::string, 2>& excerpt() const { return excerpt_; }

 private:
  std::size_t position_;
  std::string summary_;
  std::array<std::string, 2> excerpt_;
};

/// Reads an expression as people type it: x^2, x**2, x², 2x, 3(x+1), x y, -x^2 = -(x^2), |x|, ·, ×, ÷ and −;
/// numbers with exponents; pi, π, e; the functions of Op by their names. Throws ParseError.
Expression parse(std::string_view text);

/// The variables of an expression in natural order: x, y, z; x2 before x10.
std::vector<std::string> variables(const Expression& expression);

/// Puts `replacement` in place of a variable.
Expression substitute(const Expression& expression, std::string_view variable, const Expression& replacement);

/// An equal expression as a person would write it: like terms and factors collected, constants folded, terms
/// in order of falling degree. Idempotent. Equal wherever the given one and all its parts are defined (x/x is
/// 1, also at 0). Throws InputError past ExpressionLimits::work.
Expression simplify(const Expression& expression);

/// The simplified partial derivative. Where the function has a corner, the mean of the two sides (abs'(0) =
/// 0), but relu'(0) = 0 as in PyTorch. Throws InputError if it grows past ExpressionLimits::nodes.
Expression differentiate(const Expression& expression, std::string_view variable);

/// The simplified partial derivatives by each variable; what they have in common is shared. Throws as
/// `differentiate` does.
std::vector<Expression> gradient(const Expression& expression, const std::vector<std::string>& variables);

/// The simplified second derivatives, row by row, from a gradient. Throws as `differentiate` does.
std::vector<Expression> hessian(const std::vector<Expression>& gradient, const std::vector<std::string>& variables);

/// The simplified derivatives along a direction that has an entry for each variable named: the sum of the
/// partial derivatives times the entries. For a gradient this is the Hessian-vector product. Throws as
/// `differentiate` does.
std::vector<Expression> differentiate_along(const std::vector<Expression>& expressions,
                                            const std::vector<std::pair<std::string, Expression>>& direction);

/// `variable` - lr * `gradient`, with the variable taken out as a factor where the gradient is a multiple of
/// it: x*(1 - 2*lr), x*(1 - 4*lr*x^2), else x - lr*(...).
Expression gradient_step(std::string_view variable, const Expression& gradient);

/// Text that parses back to the same function. At most `limit` characters: longer ones end in " ...".
std::string to_text(const Expression& expression, std::size_t limit = 4000);

/// The inside of a `<math>` element (presentation MathML).
std::string to_mathml(const Expression& expression, std::size_t limit = 20000);

}  // namespace etamax
