#include "etamax/expr/expression.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "etamax/expr/detail.h"

namespace etamax {

struct Expression::Node {
  Op op;
  double value = 0;
  std::string name;
  std::vector<Expression> operands;
  int depth = 0;
};

Expression::Expression(double constant)
    : node_(std::make_shared<const Node>(Node{Op::constant, constant, {}, {}, 0})) {}

Expression Expression::variable(std::string name) {
  return Expression(std::make_shared<const Node>(Node{Op::variable, 0, std::move(name), {}, 0}));
}

Expression Expression::apply(Op op, std::vector<Expression> operands) {
  int depth = 0;
  for (const Expression& operand : operands) depth = std::max(depth, operand.depth());
  return Expression(std::make_shared<const Node>(Node{op, 0, {}, std::move(operands), depth + 1}));
}

Op Expression::op() const { return node_->op; }
int Expression::depth() const { return node_->depth; }
double Expression::value() const { return node_->value; }
const std::string& Expression::name() const { return node_->name; }
const std::vector<Expression>& Expression::operands() const { return node_->operands; }

Expression operator+(const Expression& a, const Expression& b) {
  if (a.is_constant(0)) return b;
  if (b.is_constant(0)) return a;
  return Expression::apply(Op::add, {a, b});
}
Expression operator-(const Expression& a) {
  // The sign goes where a person writes it, at the front: -3*x^2, -x/2.
  if (a.op() == Op::constant) return -a.value();
  if (a.op() == Op::divide) return Expression::apply(Op::divide, {-a.operands()[0], a.operands()[1]});
  if (a.op() == Op::multiply) {
    std::vector<Expression> factors = a.operands();
    if (factors[0].op() == Op::constant)
      factors[0] = -factors[0].value();
    else
      factors.insert(factors.begin(), -1.0);
    return Expression::apply(Op::multiply, std::move(factors));
  }
  return Expression::apply(Op::multiply, {-1.0, a});
}
Expression operator-(const Expression& a, const Expression& b) { return a + -b; }
Expression operator*(const Expression& a, const Expression& b) {
  if (a.is_constant(1)) return b;
  if (b.is_constant(1)) return a;
  return Expression::apply(Op::multiply, {a, b});
}
Expression operator/(const Expression& a, const Expression& b) {
  if (b.is_constant(1)) return a;
  return Expression::apply(Op::divide, {a, b});
}
Expression pow(const Expression& base, const Expression& exponent) {
  if (exponent.is_constant(1)) return base;
  return Expression::apply(Op::power, {base, exponent});
}

namespace detail {

bool natural_less(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      std::size_t p = i, q = j;
      while (p < a.size() && digit(a[p])) ++p;
      while (q < b.size() && digit(b[q])) ++q;
      while (i + 1 < p && a[i] == '0') ++i;
      while (j + 1 < q && b[j] == '0') ++j;
      if (p - i != q - j) return p - i < q - j;
      if (const int c = a.compare(i, p - i, b, j, q - j); c != 0) return c < 0;
      i = p, j = q;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
    }
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;  // x01 and x1 are different names
}

const std::vector<std::pair<std::string, Op>>& functions() {
  static const std::vector<std::pair<std::string, Op>> table = {
      {"sin", Op::sin},         {"cos", Op::cos},           {"tan", Op::tan},
      {"asin", Op::asin},       {"acos", Op::acos},         {"atan", Op::atan},
      {"sinh", Op::sinh},       {"cosh", Op::cosh},         {"tanh", Op::tanh},
      {"exp", Op::exp},         {"log", Op::log},           {"log2", Op::log2},
      {"log10", Op::log10},     {"log1p", Op::log1p},       {"expm1", Op::expm1},
      {"sqrt", Op::sqrt},       {"cbrt", Op::cbrt},         {"abs", Op::abs},
      {"sign", Op::sign},       {"step", Op::step},         {"relu", Op::relu},
      {"sigmoid", Op::sigmoid}, {"softplus", Op::softplus}, {"erf", Op::erf},
      {"max", Op::max},         {"min", Op::min},           {"ln", Op::log}};
  return table;
}

const std::string& function_name(Op op) {
  static const std::string none = "?";
  for (const auto& [name, candidate] : functions())
    if (candidate == op) return name;
  return none;
}

}  // namespace detail

std::vector<std::string> variables(const Expression& expression) {
  std::unordered_set<const void*> seen;
  std::set<std::string> names;
  std::vector<Expression> pending{expression};
  while (!pending.empty()) {
    const Expression e = pending.back();
    pending.pop_back();
    if (!seen.insert(e.id()).second) continue;
    if (e.op() == Op::variable) names.insert(e.name());
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
  std::vector<std::string> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end(), detail::natural_less);
  return sorted;
}

namespace {

using Memo = std::unordered_map<const void*, Expression>;

Expression put(const Expression& e, std::string_view variable, const Expression& replacement, Memo& memo) {
  if (e.op() == Op::variable) return e.name() == variable ? replacement : e;
  if (e.operands().empty()) return e;
  if (const auto found = memo.find(e.id()); found != memo.end()) return found->second;
  std::vector<Expression> operands;
  bool changed = false;
  for (const Expression& operand : e.operands()) {
    operands.push_back(put(operand, variable, replacement, memo));
    changed = changed || !operands.back().same_node(operand);
  }
  const Expression result = changed ? Expression::apply(e.op(), std::move(operands)) : e;
  memo.emplace(e.id(), result);
  return result;
}

}  // namespace

Expression substitute(const Expression& expression, std::string_view variable, const Expression& replacement) {
  Memo memo;
  return put(expression, variable, replacement, memo);
}

}  // namespace etamax
