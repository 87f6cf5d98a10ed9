#include "etamax/expr/tape.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace etamax {
namespace {

/// What std::bit_cast does, which not every standard library of C++20 has.
std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Exponents up to this one are multiplications: at most four units in the last place worse than a correct
/// power.
constexpr int kLargestWholePower = 16;

/// The exponent, if it is a whole number from 2 to kLargestWholePower in size, else 0.
int whole_power(const Expression& exponent) {
  if (exponent.op() != Op::constant) return 0;
  const double k = exponent.value(), size = std::abs(k);
  return k == std::floor(k) && size >= 2 && size <= kLargestWholePower ? static_cast<int>(k) : 0;
}

bool power_of_two(double c) {
  int exponent = 0;
  return std::isfinite(c) && std::abs(std::frexp(c, &exponent)) == 0.5 && std::abs(exponent) < 100;
}

/// Turns expressions into steps. While it works, constants are numbered from kConstant upward, since their
/// registers come before those of the steps; `finish` gives all of them their places.
class TapeBuilder {
 public:
  TapeBuilder(Tape& tape, const std::vector<std::string>& names) : tape_(tape) {
    for (std::size_t i = 0; i < names.size(); ++i) coordinates_.emplace(names[i], static_cast<Value>(i));
  }

  void add_root(const Expression& e) { tape_.outputs.push_back(compile(e)); }

  void finish() {
    const auto place = [&](Value& v) {
      if (v >= kConstant)
        v = static_cast<Value>(tape_.dimension + (v - kConstant));
      else if (v >= tape_.dimension)
        v += static_cast<Value>(tape_.constants.size());
    };
    for (Tape::Step& step : tape_.code) {
      place(step.a);
      if (step.shape != Tape::Shape::polynomial) place(step.b);
      place(step.c);
    }
    for (Value& output : tape_.outputs) place(output);
  }

 private:
  using Value = std::uint32_t;
  static constexpr Value kConstant = 1u << 31;
  using Shape = Tape::Shape;

  bool is_constant(Value v) const { return v >= kConstant; }
  double constant_value(Value v) const { return tape_.constants[v - kConstant]; }

  Value constant(double c) {
    // By bits, so that -0 and NaN keep their places.
    const auto [found, fresh] =
        constants_.try_emplace(bits_of(c), kConstant + static_cast<Value>(tape_.constants.size()));
    if (fresh) tape_.constants.push_back(c);
    return found->second;
  }

  Value emit(Shape shape, Op op, Value a, Value b, Value c) {
    const auto next = static_cast<Value>(tape_.dimension + tape_.code.size());
    const auto [found, fresh] = known_.try_emplace({shape, op, a, b, c}, next);
    if (fresh) tape_.code.push_back({shape, op, a, b, c});
    return found->second;
  }

  Value apply(Op op, Value a, Value b) {
    if (is_constant(a) && is_constant(b)) return constant(detail::evaluate(op, constant_value(a), constant_value(b)));
    if (op == Op::divide && is_constant(b) && power_of_two(constant_value(b)))
      return apply(Op::multiply, a, constant(1 / constant_value(b)));
    // One order for a sum or product of two, constants last.
    if ((op == Op::add || op == Op::multiply) && a > b) std::swap(a, b);
    if (op == Op::multiply && is_constant(b) && constant_value(b) == 1) return a;
    return emit(Shape::plain, op, a, b, b);
  }
  Value apply(Op op, Value a) { return apply(op, a, a); }

  /// sum of coefficient[k] * x^k.
  Value polynomial(Value x, const std::map<int, double>& coefficient) {
    const int low = coefficient.begin()->first, high = coefficient.rbegin()->first;
    std::vector<double> dense;
    std::vector<std::uint64_t> key{static_cast<std::uint64_t>(low)};
    for (int k = high; k >= low; --k) {
      const auto found = coefficient.find(k);
      dense.push_back(found == coefficient.end() ? 0 : found->second);
      key.push_back(bits_of(dense.back()));
    }
    if (is_constant(x) || (low == 1 && dense.size() == 1)) {
      Value sum = constant(dense[0]);
      for (std::size_t i = 1; i < dense.size(); ++i)
        sum = apply(Op::add, apply(Op::multiply, sum, x), constant(dense[i]));
      for (int k = 0; k < low; ++k) sum = apply(Op::multiply, sum, x);
      return sum;
    }
    if (low == 2 && dense == std::vector<double>{1}) return apply(Op::multiply, x, x);
    const auto [found, fresh] =
        known_polynomials_.try_emplace(std::move(key), static_cast<Value>(tape_.polynomials.size()));
    if (fresh) {
      tape_.polynomials.push_back(
          {static_cast<Value>(tape_.coefficients.size()), static_cast<Value>(dense.size()), static_cast<Value>(low)});
      tape_.coefficients.insert(tape_.coefficients.end(), dense.begin(), dense.end());
    }
    return emit(Shape::polynomial, Op::multiply, x, found->second, x);
  }

  Value compile(const Expression& e) {
    if (e.op() == Op::constant) return constant(e.value());
    if (e.op() == Op::variable) return coordinates_.at(e.name());
    if (const auto found = memo_.find(e.id()); found != memo_.end()) return found->second;
    const Value result = compute(e);
    memo_.emplace(e.id(), result);
    return result;
  }

  Value compute(const Expression& e) {
    const auto& u = e.operands();
    switch (e.op()) {
      case Op::add:
        return sum(u);
      case Op::multiply:
        return product(u, u.size());
      case Op::power:
        return power(u[0], u[1]);
      case Op::divide:
      case Op::max:
      case Op::min: {
        const Value a = compile(u[0]);
        return apply(e.op(), a, compile(u[1]));
      }
      default:
        return apply(e.op(), compile(u[0]));
    }
  }

  Value power(const Expression& base, const Expression& exponent) {
    const Value x = compile(base);
    if (const int k = whole_power(exponent); k > 0)
      return polynomial(x, {{k, 1.0}});
    else if (k < 0)
      return polynomial(apply(Op::divide, constant(1), x), {{-k, 1.0}});
    if (exponent.is_constant(1)) return x;
    if (exponent.is_constant(-1)) return apply(Op::divide, constant(1), x);
    if (exponent.is_constant(0.5)) return apply(Op::sqrt, x);
    return apply(Op::power, x, compile(exponent));
  }

  /// The product of the first `count` factors.
  Value product(const std::vector<Expression>& factors, std::size_t count) {
    if (count == 2 && factors.size() == 2) {
      if (const auto term = monomial(factors)) return polynomial(term->base, {{term->exponent, term->coefficient}});
    }
    Value result = compile(factors[0]);
    for (std::size_t i = 1; i < count; ++i) result = apply(Op::multiply, result, compile(factors[i]));
    return result;
  }

  /// coefficient * base^exponent, with a whole exponent of 1 or more.
  struct Monomial {
    Value base;
    double coefficient;
    int exponent;
  };

  std::optional<Monomial> monomial(const std::vector<Expression>& factors) {
    if (factors.size() != 2 || factors[0].op() != Op::constant) return std::nullopt;
    const Monomial m = as_power(factors[1]);
    return Monomial{m.base, factors[0].value(), m.exponent};
  }

  Monomial as_power(const Expression& e) {
    if (e.op() == Op::power)
      if (const int k = whole_power(e.operands()[1]); k > 0) return {compile(e.operands()[0]), 1, k};
    return {compile(e), 1, 1};
  }

  /// Terms in powers of one value become a polynomial; products are multiplied and added in one step.
  Value sum(const std::vector<Expression>& terms) {
    std::optional<double> rest;
    std::map<Value, std::map<int, double>> powers;
    std::vector<const Expression*> products;
    for (const Expression& term : terms) {
      if (term.op() == Op::constant) {
        rest = rest.value_or(0) + term.value();
        continue;
      }
      const bool product = term.op() == Op::multiply;
      const bool simple = !product || (term.operands().size() == 2 && term.operands()[0].op() == Op::constant);
      if (!simple && !memo_.contains(term.id())) {
        products.push_back(&term);
        continue;
      }
      const Monomial m = simple && product ? *monomial(term.operands()) : as_power(term);
      double& coefficient = powers[m.base][m.exponent];
      if (std::isfinite(coefficient + m.coefficient))
        coefficient += m.coefficient;
      else
        products.push_back(&term);  // the sum of the coefficients is no number, and each is one
    }
    std::optional<Value> total;
    const auto include = [&](Value v) { total = total ? apply(Op::add, *total, v) : v; };
    for (auto& [base, coefficients] : powers) {
      const int degree = coefficients.rbegin()->first;
      if (degree == 1) continue;
      if (rest) coefficients[0] = *rest, rest.reset();
      include(polynomial(base, coefficients));
    }
    if (rest && !(powers.empty() && products.empty())) include(constant(*rest)), rest.reset();
    for (const auto& [base, coefficients] : powers) {
      if (coefficients.rbegin()->first != 1) continue;
      const double c = coefficients.begin()->second;
      if (c == 1)
        include(base);
      else if (total)
        total = multiply_add(base, constant(c), *total);
      else
        total = apply(Op::multiply, base, constant(c));
    }
    for (const Expression* term : products) {
      const auto& u = term->operands();
      if (!total) {
        total = compile(*term);
        continue;
      }
      const bool minus = u.size() > 2 && u[0].is_constant(-1);
      const std::vector<Expression> factors(u.begin() + (minus ? 1 : 0), u.end());
      const Value left = product(factors, factors.size() - 1), right = compile(factors.back());
      if (minus && !is_constant(left) && !is_constant(right))
        total = emit(Shape::negative_multiply_add, Op::add, left, right, *total);
      else
        total = multiply_add(minus ? apply(Op::multiply, left, constant(-1)) : left, right, *total);
    }
    return total ? *total : constant(rest.value_or(0));
  }

  Value multiply_add(Value a, Value b, Value c) {
    if (is_constant(a)) std::swap(a, b);
    if (is_constant(a)) return apply(Op::add, apply(Op::multiply, a, b), c);
    return emit(Shape::multiply_add, Op::add, a, b, c);
  }

  Tape& tape_;
  std::unordered_map<std::string, Value> coordinates_;
  std::unordered_map<const void*, Value> memo_;
  std::map<std::uint64_t, Value> constants_;
  std::map<std::tuple<Shape, Op, Value, Value, Value>, Value> known_;
  std::map<std::vector<std::uint64_t>, Value> known_polynomials_;  ///< by shift and coefficients, as bits
};

double evaluate(const Tape& tape, const Tape::Polynomial& p, double x) {
  const double* c = tape.coefficients.data() + p.first;
  double result = c[0], power = x;
  for (std::uint32_t i = 1; i < p.count; ++i) result = result * x + c[i];
  for (std::uint32_t k = p.shift; k != 0; k >>= 1) {
    if (k & 1) result *= power;
    power *= power;
  }
  return result;
}

}  // namespace

Tape::Tape(const std::vector<Expression>& roots, const std::vector<std::string>& names) : dimension(names.size()) {
  TapeBuilder builder(*this, names);
  for (const Expression& root : roots) builder.add_root(root);
  builder.finish();
}

void Tape::run(std::span<const double> x, double* r) const {
  std::copy(x.begin(), x.end(), r);
  std::copy(constants.begin(), constants.end(), r + dimension);
  double* out = r + inputs();
  for (const Step& s : code) {
    switch (s.shape) {
      case Shape::plain:
        *out = detail::evaluate(s.op, r[s.a], r[s.b]);
        break;
      case Shape::multiply_add:
        *out = r[s.a] * r[s.b] + r[s.c];
        break;
      case Shape::negative_multiply_add:
        *out = r[s.c] - r[s.a] * r[s.b];
        break;
      case Shape::polynomial:
        *out = evaluate(*this, polynomials[s.b], r[s.a]);
        break;
    }
    ++out;
  }
}

}  // namespace etamax
