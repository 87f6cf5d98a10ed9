#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <unordered_map>

#include "etamax/expr/detail.h"

namespace etamax {

namespace {

/// A total order on structure. Equal nodes of one Simplifier are the same node, so that only one path is
/// followed.
int compare(const Expression& a, const Expression& b) {
  if (a.same_node(b)) return 0;
  const auto rank = [](const Expression& e) {
    return e.op() == Op::constant   ? 0
           : e.op() == Op::variable ? 1
           : e.op() == Op::add      ? 100
                                    : 2 + static_cast<int>(e.op());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b) ? -1 : 1;
  if (a.depth() != b.depth()) return a.depth() < b.depth() ? -1 : 1;
  if (a.op() == Op::constant) {
    const double p = a.value(), q = b.value();
    return p < q ? -1 : p > q ? 1 : static_cast<int>(std::isnan(p)) - static_cast<int>(std::isnan(q));
  }
  if (a.op() == Op::variable) return a.name() == b.name() ? 0 : detail::natural_less(a.name(), b.name()) ? -1 : 1;
  const auto &p = a.operands(), &q = b.operands();
  for (std::size_t i = 0; i < std::min(p.size(), q.size()); ++i)
    if (const int c = compare(p[i], q[i]); c != 0) return c;
  return p.size() == q.size() ? 0 : p.size() < q.size() ? -1 : 1;
}

bool integer(double x) { return std::abs(x) < 1e9 && x == std::floor(x); }

/// Larger exponents are not multiplied out: the product could be inexact or infinite.
constexpr double kLargestExponent = 1e9;

/// How far from 1 the constant may be that comes out of a power of a product: (x/1e8)^40 is 1 where x^40 is infinite.
constexpr double kLargestTakenOut = 0x1p128;

/// Powers up to this one of several factors are taken apart: (x/y)^40 is 1 where x^40 is infinite.
constexpr double kLargestTakenApart = 2;

struct Less {
  bool operator()(const Expression& a, const Expression& b) const { return compare(a, b) < 0; }
};

/// A product: coefficient * base^exponent * ..., no two bases alike.
struct Product {
  double coefficient = 1;
  std::map<Expression, std::vector<Expression>, Less> factors;  ///< the exponents of a base, to be added up
  bool beyond = false;  ///< its constants have one together that is none, or has lost digits, and each is one
  bool apart = false;   ///< it has a power of a constant that is none, or has lost digits

  void add(const Expression& base, const Expression& exponent) { factors[base].push_back(exponent); }

  /// Multiplies the coefficient by c; false where that leaves the range of numbers with all their digits.
  bool scale(double c, bool inverse = false) {
    const double value = inverse ? coefficient / c : coefficient * c;
    const bool unchanged = !inverse && std::abs(coefficient) == 1;
    const bool vanishes = value == 0 && (coefficient == 0 || (c == 0 && !inverse));
    if (!std::isfinite(value) || !(std::isnormal(value) || vanishes || unchanged)) return false;
    coefficient = value;
    return true;
  }
};

class Simplifier {
 public:
  Expression run(const Expression& e) {
    if (const auto found = memo_.find(e.id()); found != memo_.end()) return found->second.second;
    if (memo_.size() > std::size_t{ExpressionLimits::work}) throw InputError("the expression is too large");
    const Expression result = compute(e);
    memo_.emplace(e.id(), std::pair(e, result));  // keeps e alive, so that its id stays its own
    return result;
  }

 private:
  Expression intern(const Expression& e) {
    std::vector<std::size_t> key{static_cast<std::size_t>(e.op())};
    if (e.op() == Op::constant) {
      return constants_.emplace(e.value(), e).first->second;
    }
    if (e.op() == Op::variable) return names_.emplace(e.name(), e).first->second;
    for (const Expression& operand : e.operands()) key.push_back(reinterpret_cast<std::size_t>(operand.id()));
    return nodes_.emplace(std::move(key), e).first->second;
  }
  Expression constant(double c) { return std::isnan(c) ? Expression(c) : intern(Expression(c == 0 ? 0.0 : c)); }
  Expression make(Op op, std::vector<Expression> operands) {
    return intern(Expression::apply(op, std::move(operands)));
  }

  Expression compute(const Expression& e) {
    switch (e.op()) {
      case Op::constant:
        return constant(e.value());
      case Op::variable:
        return intern(e);
      case Op::add:
        return sum(e);
      case Op::multiply:
      case Op::divide:
      case Op::power:
        return product(e);
      default:
        return function(e);
    }
  }

  Expression function(const Expression& e) {
    std::vector<Expression> u;
    for (const Expression& operand : e.operands()) u.push_back(run(operand));
    if (std::all_of(u.begin(), u.end(), [](const Expression& x) { return x.op() == Op::constant; })) {
      const double value = detail::evaluate(e.op(), u[0].value(), u.back().value());
      if (std::isfinite(value) && keeps_meaning(e.op(), value)) return constant(value);
    }
    if (e.op() == Op::exp && u[0].op() == Op::log) return u[0].operands()[0];
    if (e.op() == Op::sqrt && is_square(u[0])) return run(Expression::apply(Op::abs, {u[0].operands()[0]}));
    if (e.op() == Op::abs && (u[0].op() == Op::abs || is_square(u[0]))) return u[0];
    if (e.op() == Op::log && u[0].op() == Op::exp) return u[0].operands()[0];
    if ((e.op() == Op::max || e.op() == Op::min) && u[0].same_node(u[1])) return u[0];
    return make(e.op(), std::move(u));
  }

  static bool is_square(const Expression& e) { return e.op() == Op::power && e.operands()[1].is_constant(2); }

  // log(2) and sqrt(2) read better than their digits.
  static bool keeps_meaning(Op op, double value) {
    return integer(value) || op == Op::max || op == Op::min || op == Op::abs;
  }

  /// Splits a simplified term into its coefficient and the rest.
  std::pair<double, Expression> split(const Expression& e) {
    if (e.op() == Op::constant) return {e.value(), constant(1)};
    if (e.op() != Op::multiply && e.op() != Op::divide) return {1, e};
    Product p;
    collect(e, 1, p);
    if (is_beyond(p)) return {1, e};
    const double c = p.coefficient;
    p.coefficient = 1;
    return {c, build(p)};
  }

  /// c * e; e is simplified.
  Expression times(double c, const Expression& e) {
    Product p;
    collect(e, 1, p);
    collect(constant(c), 1, p);
    if (!is_beyond(p)) return build(p);
    return c == 1 ? e : make(Op::multiply, {constant(c), e});
  }

  Expression sum(const Expression& e) {
    std::map<Expression, double, Less> terms;
    double rest = 0;
    std::function<void(const Expression&, double)> add = [&](const Expression& term, double scale) {
      if (++work_ > std::size_t{ExpressionLimits::work}) throw InputError("the expression is too large");
      if (term.op() == Op::add) {
        for (const Expression& operand : term.operands()) add(operand, scale);
        return;
      }
      const auto [c, base] = split(term);
      if (base.is_constant(1))
        rest += scale * c;
      else if (base.op() == Op::add && std::abs(c) == 1)
        add(base, scale * c);
      else
        terms[base] += scale * c;
    };
    std::vector<Expression> operands;
    for (const Expression& operand : e.operands()) operands.push_back(run(operand));
    for (const Expression& operand : operands) add(operand, 1);
    const auto is_finite = [](const auto& term) { return std::isfinite(term.second); };
    // Together they are no number, and each is one.
    if (!std::isfinite(rest) || !std::all_of(terms.begin(), terms.end(), is_finite))
      return operands.size() == 1 ? operands[0] : make(Op::add, std::move(operands));

    std::vector<std::pair<Expression, double>> order;
    for (const auto& [base, c] : terms)
      if (c != 0) order.emplace_back(base, c);
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto& a, const auto& b) { return before(a.first, b.first); });
    std::vector<Expression> result;
    for (const auto& [base, c] : order) result.push_back(times(c, base));
    if (rest != 0 || result.empty()) result.push_back(constant(rest));
    // 1 - x rather than -x + 1.
    const auto positive =
        std::find_if(result.begin(), result.end(), [&](const Expression& t) { return split(t).first > 0; });
    if (positive != result.end()) std::rotate(result.begin(), positive, positive + 1);
    return result.size() == 1 ? result[0] : make(Op::add, std::move(result));
  }

  /// What an expression without variables is, else NaN.
  double fixed_value(const Expression& e) {
    if (e.op() == Op::variable) return NAN;
    if (e.op() == Op::constant) return e.value();
    if (const auto found = fixed_.find(e.id()); found != fixed_.end()) return found->second;
    const auto& u = e.operands();
    double value = fixed_value(u[0]);
    if (u.size() == 1) value = detail::evaluate(e.op(), value, value);
    for (std::size_t i = 1; i < u.size(); ++i) value = detail::evaluate(e.op(), value, fixed_value(u[i]));
    return fixed_[e.id()] = value;
  }

  /// Whether base^exponent is a constant too far from 1 to stand alone.
  bool is_far(const Expression& base, double exponent) {
    const double value = fixed_value(base), power = std::pow(value, exponent);
    return is_far(power) || (power == 0 && value != 0);
  }
  static bool is_far(double c) {
    c = std::abs(c);
    return c > kLargestTakenOut || (c < 1 / kLargestTakenOut && c != 0);
  }

  /// Whether constants of the product, those that are functions too, do not bear to be brought together.
  bool is_beyond(const Product& p) {
    return p.beyond || std::any_of(p.factors.begin(), p.factors.end(), [&](const auto& factor) {
             const auto& [base, exponents] = factor;
             double sum = 0;
             for (const Expression& exponent : exponents) sum += exponent.op() == Op::constant ? exponent.value() : NAN;
             return base.op() != Op::constant && std::abs(sum) > 1 && is_far(base, sum);
           });
  }

  double degree(const Expression& e) {
    if (e.op() == Op::variable) return 1;
    if (const auto found = degree_.find(e.id()); found != degree_.end()) return found->second;
    double d = 0;
    const auto& u = e.operands();
    if (e.op() == Op::multiply)
      for (const Expression& x : u) d += degree(x);
    if (e.op() == Op::divide) d = degree(u[0]) - degree(u[1]);
    if (e.op() == Op::power && u[1].op() == Op::constant) d = degree(u[0]) * u[1].value();
    if (e.op() == Op::add)
      for (const Expression& x : u) d = std::max(d, degree(x));
    return degree_[e.id()] = d;
  }

  /// Falling degree; x^2, x*y, y^2 among equals.
  bool before(const Expression& a, const Expression& b) {
    if (degree(a) != degree(b)) return degree(a) > degree(b);
    Product p, q;
    collect(a, 1, p);
    collect(b, 1, q);
    auto i = p.factors.begin(), j = q.factors.begin();
    for (; i != p.factors.end() && j != q.factors.end(); ++i, ++j) {
      if (const int c = compare(i->first, j->first); c != 0) return c < 0;
      if (const int c = compare(i->second[0], j->second[0]); c != 0) return c > 0;
    }
    return i == p.factors.end() && j != q.factors.end();
  }

  /// Multiplies e^exponent into p; e is simplified.
  void collect(const Expression& e, double exponent, Product& p) {
    if (++work_ > std::size_t{ExpressionLimits::work}) throw InputError("the expression is too large");
    if (e.op() == Op::constant) {
      if (integer(exponent) || e.value() == 1) {
        // 7/3 is nearer than 7 * (1/3).
        const double power = std::pow(e.value(), std::abs(exponent));
        const bool is_number = std::abs(exponent) <= 1 || std::isnormal(power) || e.value() == 0;
        if (is_number && p.scale(power, exponent < 0)) return;
        if (!is_number)
          p.apart = true;
        else if (power != 0 && std::isfinite(power))
          p.beyond = true;
      }
    } else if (integer(exponent)) {
      // (a*b)^n and (a^c)^n may be taken apart for whole n only: (x^2)^0.5 is not x.
      const auto& u = e.operands();
      if (e.op() == Op::multiply || e.op() == Op::divide) {
        if (std::abs(exponent) == 1)
          collect_factors(e, exponent, p);
        else
          collect_power(e, exponent, p);
        return;
      }
      if (e.op() == Op::power) {
        if (u[1].op() != Op::constant) {
          p.add(u[0], exponent == 1 ? u[1] : run(Expression::apply(Op::multiply, {constant(exponent), u[1]})));
          return;
        }
        if (std::abs(u[1].value() * exponent) < kLargestExponent) {
          p.add(u[0], constant(u[1].value() * exponent));
          return;
        }
      }
      // |a|^2 = a^2, sqrt(a)^2 = a, cbrt(a)^3 = a.
      const double root = e.op() == Op::abs || e.op() == Op::sqrt ? 2 : e.op() == Op::cbrt ? 3 : 0;
      if (root != 0 && exponent != 0 && std::fmod(exponent, root) == 0) {
        collect(u[0], e.op() == Op::abs ? exponent : exponent / root, p);
        return;
      }
    }
    p.add(e, constant(exponent));
  }

  /// The same of the operands of a product or quotient.
  void collect_factors(const Expression& e, double exponent, Product& p) {
    const auto& u = e.operands();
    for (std::size_t i = 0; i < u.size(); ++i) collect(u[i], e.op() == Op::divide && i == 1 ? -exponent : exponent, p);
  }

  /// The same where the parts may leave the range of numbers and the whole does not: then it stays whole.
  void collect_power(const Expression& e, double exponent, Product& p) {
    Product parts;
    collect_factors(e, exponent, parts);
    const bool many = parts.factors.size() > 1 && std::abs(exponent) > kLargestTakenApart;
    if (many || parts.apart || is_far(parts.coefficient) || is_beyond(parts)) return p.add(e, constant(exponent));
    if (!p.scale(parts.coefficient)) p.beyond = true;
    for (const auto& [base, exponents] : parts.factors)
      for (const Expression& part : exponents) p.add(base, part);
  }

  Expression product(const Expression& e) {
    std::vector<Expression> u;
    for (const Expression& operand : e.operands()) u.push_back(run(operand));
    Product p;
    if (e.op() == Op::power) {
      const Expression &base = u[0], &exponent = u[1];
      if (base.is_constant(std::numbers::e) && exponent.op() != Op::constant) return make(Op::exp, {exponent});
      if (exponent.is_constant(0.5) && is_square(base)) return run(Expression::apply(Op::abs, {base.operands()[0]}));
      if (exponent.op() == Op::constant)
        collect(base, exponent.value(), p);
      else
        p.add(base, exponent);
    } else if (e.op() == Op::divide) {
      collect(u[0], 1, p);
      collect(u[1], -1, p);
    } else {
      for (const Expression& operand : u) collect(operand, 1, p);
    }
    if (is_beyond(p)) return as_given(e.op(), std::move(u));
    join_exponents(p);
    absorb_signs(p);
    if (p.beyond) return as_given(e.op(), std::move(u));
    // -(x - y) is y - x; where there are more factors, the sign stays in front of them.
    if (p.coefficient == -1 && p.factors.size() == 1) {
      const auto& [base, exponents] = *p.factors.begin();
      if (base.op() == Op::add && exponents[0].is_constant(1)) {
        std::vector<Expression> terms;
        for (const Expression& term : base.operands()) terms.push_back(-term);
        return run(Expression::apply(Op::add, std::move(terms)));
      }
    }
    return build(p);
  }

  /// A product, quotient or power of simplified operands that are not brought together.
  Expression as_given(Op op, std::vector<Expression> u) {
    if (op == Op::multiply) {
      std::erase_if(u, [](const Expression& factor) { return factor.is_constant(1); });
      if (u.size() == 1) return u[0];
    }
    return make(op, std::move(u));
  }

  /// Adds up the exponents of each base. That may leave a base that is a product again: (x*y)^0.5 *
  /// (x*y)^0.5.
  void join_exponents(Product& p) {
    for (int round = 0; round < 3; ++round) {
      Product next;
      next.coefficient = p.coefficient;
      next.beyond = p.beyond;
      bool again = false;
      for (const auto& [base, exponents] : p.factors) {
        const Expression total = exponents.size() == 1 ? exponents[0] : run(Expression::apply(Op::add, exponents));
        if (total.is_constant(0)) continue;
        if (total.op() == Op::constant && exponents.size() > 1) {
          collect(base, total.value(), next);
          again = true;
        } else {
          next.add(base, total);
        }
      }
      p = std::move(next);
      if (!again) break;
    }
  }

  /// x*sign(x) = |x|, |x|*sign(x) = x, x/|x| = sign(x), x*step(x) = relu(x), relu(x)*step(x) = relu(x).
  void absorb_signs(Product& p) {
    for (auto factor = p.factors.begin(); factor != p.factors.end(); ++factor) {
      const Op op = factor->first.op();
      const double exponent = op == Op::abs ? -1 : 1;
      if ((op != Op::sign && op != Op::step && op != Op::abs) || !factor->second[0].is_constant(exponent)) continue;
      const Expression x = factor->first.operands()[0];
      const Op together = op == Op::abs ? Op::sign : op == Op::sign ? Op::abs : Op::relu;
      const Expression result = run(Expression::apply(together, {x}));
      const bool with_x = lower_exponent(p, x);
      if (!with_x && (op == Op::abs || !lower_exponent(p, result))) continue;
      p.factors.erase(factor);
      collect(!with_x && op == Op::sign ? x : result, 1, p);
      join_exponents(p);
      return absorb_signs(p);
    }
  }

  /// Takes one factor `base` out; false where there is no whole power of it.
  bool lower_exponent(Product& p, const Expression& base) {
    const auto found = p.factors.find(base);
    if (found == p.factors.end() || found->second.size() != 1) return false;
    Expression& exponent = found->second[0];
    if (exponent.op() != Op::constant || !integer(exponent.value()) || exponent.value() < 1) return false;
    exponent = constant(exponent.value() - 1);
    return true;
  }

  Expression build(const Product& p) {
    if (p.coefficient == 0) return constant(0);
    std::vector<Expression> above, below;
    for (const auto& [base, exponents] : p.factors) {
      const Expression exponent = exponents.size() == 1 ? exponents[0] : run(Expression::apply(Op::add, exponents));
      const bool number = exponent.op() == Op::constant;
      if (number && exponent.value() == 0) continue;
      const bool negative = number && exponent.value() < 0;
      const Expression positive = negative ? constant(-exponent.value()) : exponent;
      (negative ? below : above).push_back(positive.is_constant(1) ? base : make(Op::power, {base, positive}));
    }
    if (above.empty() && below.empty()) return constant(p.coefficient);
    const auto [c, under] = as_fraction(p.coefficient);
    if (under != 1) below.insert(below.begin(), constant(under));
    if (c != 1 || above.empty()) above.insert(above.begin(), constant(c));
    const auto joined = [&](std::vector<Expression>& u) {
      return u.size() == 1 ? u[0] : make(Op::multiply, std::move(u));
    };
    const Expression top = joined(above);
    if (below.empty()) return top;
    return make(Op::divide, {top, joined(below)});
  }

  /// x/3, 2*x/3 and x/pi rather than their decimals times x, but 0.1*x and 2.5*x.
  static std::pair<double, double> as_fraction(double c) {
    const double inverse = 1 / c, whole = std::round(inverse);
    if (std::abs(c) < 1 && std::abs(whole) <= 1000 && 1 / whole == c && std::fmod(whole, 5) != 0)
      return {c < 0 ? -1 : 1, std::abs(whole)};
    const auto fraction = detail::named_number(c), below = detail::named_number(inverse);
    if (fraction && fraction->symbol.empty()) return {fraction->numerator, fraction->denominator};
    if (!fraction && below && !below->symbol.empty() && 1 / inverse == c) return {c < 0 ? -1 : 1, std::abs(inverse)};
    return {c, 1};
  }

  std::unordered_map<const void*, std::pair<Expression, Expression>> memo_;
  std::map<double, Expression> constants_;
  std::map<std::string, Expression> names_;
  std::map<std::vector<std::size_t>, Expression> nodes_;
  std::unordered_map<const void*, double> degree_;
  std::unordered_map<const void*, double> fixed_;
  std::size_t work_ = 0;
};

}  // namespace

/// A second pass settles what the first has brought together; it changes nothing in nearly every case.
struct detail::Simplification::Impl {
  Simplifier first, second;
};

detail::Simplification::Simplification() : impl_(std::make_unique<Impl>()) {}
detail::Simplification::~Simplification() = default;
Expression detail::Simplification::operator()(const Expression& expression) {
  return impl_->second.run(impl_->first.run(expression));
}

Expression simplify(const Expression& expression) { return detail::Simplification()(expression); }

}  // namespace etamax
