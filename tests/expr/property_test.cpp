// Properties of random expressions.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <numbers>

#include "check_expression.h"
#include "etamax/expr/detail.h"
#include "etamax/expr/function.h"

namespace etamax::testing {
namespace {

// The same expressions in every run: set RC_PARAMS to look further.
const int kSeeded = setenv("RC_PARAMS", "seed=20 max_success=3000 max_size=60", 0);

rc::Gen<Expression> leaf() {
  return rc::gen::oneOf(rc::gen::map(rc::gen::inRange(-4, 6), [](int n) { return Expression(n); }),
                        rc::gen::map(rc::gen::element(0.5, 0.1, 1.0 / 3, 2.5, std::numbers::pi, std::numbers::e, 1e10),
                                     [](double c) { return Expression(c); }),
                        rc::gen::map(rc::gen::element<std::string>("x", "y"),
                                     [](const std::string& name) { return Expression::variable(name); }));
}

rc::Gen<Expression> tree(int depth) {
  if (depth == 0) return leaf();
  const auto below = rc::gen::lazy([depth] { return tree(depth - 1); });
  const auto binary = [&](Op op) {
    return rc::gen::map(rc::gen::pair(below, below), [op](const std::pair<Expression, Expression>& u) {
      return Expression::apply(op, {u.first, u.second});
    });
  };
  const auto several = [&](Op op) {
    return rc::gen::map(rc::gen::container<std::vector<Expression>>(3, below),
                        [op](std::vector<Expression> u) { return Expression::apply(op, std::move(u)); });
  };
  std::vector<Op> functions;
  for (const auto& [name, op] : detail::functions())
    if (op != Op::max && op != Op::min) functions.push_back(op);
  const auto function =
      rc::gen::map(rc::gen::pair(rc::gen::elementOf(functions), below),
                   [](const std::pair<Op, Expression>& u) { return Expression::apply(u.first, {u.second}); });
  const auto power = rc::gen::map(rc::gen::pair(below, rc::gen::element(2.0, 3.0, -1.0, 0.5, -2.0, 4.0, 1.0 / 3)),
                                  [](const std::pair<Expression, double>& u) { return pow(u.first, u.second); });
  return rc::gen::oneOf(leaf(), several(Op::add), several(Op::multiply), binary(Op::divide), power, function,
                        binary(Op::power), binary(Op::max), binary(Op::add), binary(Op::multiply));
}

rc::Gen<Expression> expressions() { return tree(4); }

/// Checks `property` of many expressions; a fault is printed with the smallest expression that has it.
template <class Property>
void holds(Property property) {
  ASSERT_EQ(kSeeded, 0);
  EXPECT_TRUE(rc::check([&] {
    const Expression e = *expressions();
    const std::string fault = property(e);
    if (!fault.empty()) RC_FAIL(to_text(e) + ": " + fault);
  }));
}

/// The value at a point where rounding does not decide it: it and its neighbors agree to nine digits; else
/// NaN.
double settled_value(const Expression& e, const std::vector<double>& x) {
  const double value = evaluate_tree(e, {"x", "y"}, x);
  if (!(std::abs(value) < 1e100) || !is_defined(e, {"x", "y"}, x)) return NAN;
  for (const double nudge : {1 - 1e-12, 1 + 1e-12, 1 + 3e-13, 1 - 7e-13}) {
    const double near = evaluate_tree(e, {"x", "y"}, {x[0] * nudge, x[1] / nudge});
    if (!(std::abs(near - value) <= 1e-9 * std::abs(value))) return NAN;
  }
  return value;
}

TEST(Properties, SimplifyingKeepsTheValueWhereThereIsOne) {
  long compared = 0;
  holds([&](const Expression& e) -> std::string {
    const Expression simple = simplify(e);
    for (const auto& x : std::vector<std::vector<double>>{{0.7, 1.3}, {-1.1, 0.4}, {2.3, -0.6}, {-0.2, -3.1}}) {
      const double expected = settled_value(e, x);
      if (std::isnan(expected)) continue;
      ++compared;
      const double found = evaluate_tree(simple, {"x", "y"}, x);
      if (!(std::abs(found - expected) <= 1e-7 * std::abs(expected)))
        return "simplified to " + to_text(simple) + ", which is " + std::to_string(found) + ", not " +
               std::to_string(expected) + " at " + std::to_string(x[0]) + ", " + std::to_string(x[1]);
    }
    return "";
  });
  EXPECT_GT(compared, 3000);
}

TEST(Properties, SimplifyingTwiceIsSimplifyingOnce) {
  holds([](const Expression& e) -> std::string {
    const std::string once = to_text(simplify(e)), twice = to_text(simplify(simplify(e)));
    return once == twice ? "" : once + " becomes " + twice;
  });
}

TEST(Properties, PrintedTextReadsBack) {
  holds([](const Expression& e) -> std::string {
    for (const Expression& printed : {e, simplify(e), differentiate(e, "x")})
      if (const std::string fault = round_trip_fault(printed); !fault.empty()) return fault;
    return "";
  });
}

TEST(Properties, MathmlIsWellFormed) {
  holds([](const Expression& e) -> std::string {
    for (const Expression& printed : {e, simplify(e)})
      if (const std::string fault = mathml_fault(to_mathml(printed)); !fault.empty())
        return fault + " in " + to_mathml(printed);
    return mathml_fault(to_mathml(e, 100));
  });
}

TEST(Properties, CompiledCodeEqualsTheTree) {
  long compared = 0;
  holds([&](const Expression& e) -> std::string {
    const Function f(e, {"x", "y"});
    for (const auto& x : std::vector<std::vector<double>>{{0.7, 1.3}, {-1.1, 0.4}}) {
      const double expected = settled_value(e, x);
      double batch = 0;
      f.values(x, std::span(&batch, 1));
      if (std::isnan(expected)) continue;
      ++compared;
      for (const double found : {f.value(x), batch})
        if (!(std::abs(found - expected) <= 1e-8 * std::abs(expected)))
          return std::to_string(found) + ", not " + std::to_string(expected);
    }
    return "";
  });
  EXPECT_GT(compared, 1000);
}

TEST(Properties, GradientsEqualDifferences) {
  long compared = 0;
  holds([&](const Expression& e) -> std::string {
    const Expression slope = differentiate(e, "x");
    for (const auto& x : std::vector<std::vector<double>>{{0.7, 1.3}, {-1.1, 0.4}, {2.3, -0.6}}) {
      // Two difference quotients that agree; where they do not, the function is not smooth enough to tell.
      const auto quotient = [&](double h) {
        return (settled_value(e, {x[0] + h, x[1]}) - settled_value(e, {x[0] - h, x[1]})) / (2 * h);
      };
      const double coarse = quotient(2e-4), fine = quotient(1e-4), size = std::abs(settled_value(e, x));
      const double found = evaluate_tree(slope, {"x", "y"}, x);
      if (!(std::abs(coarse - fine) <= 1e-4 * std::abs(fine)) || !std::isfinite(found) || !std::isfinite(size))
        continue;
      ++compared;
      if (!(std::abs(found - fine) <= 1e-3 * std::abs(fine) + 1e-7 * size))
        return "slope " + to_text(slope) + " is " + std::to_string(found) + ", not " + std::to_string(fine) + " at " +
               std::to_string(x[0]);
    }
    return "";
  });
  EXPECT_GT(compared, 1000);
}

}  // namespace
}  // namespace etamax::testing
