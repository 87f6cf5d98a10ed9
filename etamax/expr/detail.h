#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/expr/expression.h"

/// Shared by the files of this folder; not part of the interface.
namespace etamax::detail {

/// x2 before x10.
bool natural_less(const std::string& a, const std::string& b);

/// The functions by name; "ln" comes after "log".
const std::vector<std::pair<std::string, Op>>& functions();
const std::string& function_name(Op op);

/// Simplifies several expressions that have much in common: equal sub-trees become one node. Throws
/// InputError when all together take more than ExpressionLimits::work.
class Simplification {
 public:
  Simplification();
  ~Simplification();
  Expression operator()(const Expression& expression);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A constant as a person writes it: numerator * symbol / denominator, where that is exact and the digits are
/// many.
struct NamedNumber {
  double numerator, denominator;
  std::string symbol;  ///< "pi", "e" or none
};
std::optional<NamedNumber> named_number(double value);

/// One operation on one or two numbers; `b` is ignored by functions of one.
template <typename T>
T evaluate(Op op, T a, T b) {
  switch (op) {
    case Op::constant:
    case Op::variable:
      return a;
    case Op::add:
      return a + b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    case Op::power:
      return b == T(2) ? a * a : std::pow(a, b);
    // Not std::max, which would hide a NaN.
    case Op::max:
      return std::isnan(a) || std::isnan(b) ? a + b : (a < b ? b : a);
    case Op::min:
      return std::isnan(a) || std::isnan(b) ? a + b : (b < a ? b : a);
    case Op::sin:
      return std::sin(a);
    case Op::cos:
      return std::cos(a);
    case Op::tan:
      return std::tan(a);
    case Op::asin:
      return std::asin(a);
    case Op::acos:
      return std::acos(a);
    case Op::atan:
      return std::atan(a);
    case Op::sinh:
      return std::sinh(a);
    case Op::cosh:
      return std::cosh(a);
    case Op::tanh:
      return std::tanh(a);
    case Op::exp:
      return std::exp(a);
    case Op::log:
      return std::log(a);
    case Op::log2:
      return std::log2(a);
    case Op::log10:
      return std::log10(a);
    case Op::log1p:
      return std::log1p(a);
    case Op::expm1:
      return std::expm1(a);
    case Op::sqrt:
      return std::sqrt(a);
    case Op::cbrt:
      return std::cbrt(a);
    case Op::abs:
      return std::abs(a);
    case Op::sign:
      return std::isnan(a) ? a : T(a > 0) - T(a < 0);
    case Op::step:
      return std::isnan(a) ? a : T(a > 0);
    case Op::relu:
      return a < 0 ? T(0) : a;
    case Op::sigmoid: {
      // Through exp of a negative number, so that it cannot overflow.
      const T small = std::exp(-std::abs(a));
      return a < 0 ? small / (1 + small) : 1 / (1 + small);
    }
    case Op::softplus:
      return (a < 0 ? T(0) : a) + std::log1p(std::exp(-std::abs(a)));
    case Op::erf:
      return std::erf(a);
  }
  return std::numeric_limits<T>::quiet_NaN();
}

}  // namespace etamax::detail
