// Gradients and updates as a person would have written them.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "etamax/core/format.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

struct Written {
  std::string function;
  std::vector<std::string> gradient;
};

const std::vector<Written> kObjectives = {
    {"beale",
     {"2*(y^3 - 1)*(x*y^3 - x + 2.625) + 2*(y^2 - 1)*(x*y^2 - x + 2.25) + 2*(y - 1)*(x*y - x + 1.5)",
      "6*x*y^2*(x*y^3 - x + 2.625) + 4*x*y*(x*y^2 - x + 2.25) + 2*x*(x*y - x + 1.5)"}},
    {"deep_linear", {"-y*(1 - x*y)", "-x*(1 - x*y)"}},
    {"double_well", {"x*(x^2 - 1)"}},
    {"himmelblau", {"4*x*(x^2 + y - 11) + 2*(y^2 + x - 7)", "4*y*(y^2 + x - 7) + 2*(x^2 + y - 11)"}},
    {"logcosh", {"2*sigmoid(2*x) - 1"}},
    {"quadratic", {"x", "100*y"}},
    {"rastrigin", {"2*x + 20*pi*sin(2*pi*x)", "2*y + 20*pi*sin(2*pi*y)"}},
    {"rosenbrock", {"-400*x*(y - x^2) - 2*(1 - x)", "200*(y - x^2)"}},
};

const std::vector<Written> kFunctions = {
    {"x^2", {"2*x"}},
    {"x^3", {"3*x^2"}},
    {"x^4 - 3x^2 + x", {"4*x^3 - 6*x + 1"}},
    {"5x", {"5"}},
    {"-x^2", {"-2*x"}},
    {"x^2/2", {"x"}},
    {"x^2/3", {"2*x/3"}},
    {"7x^2/3", {"14*x/3"}},
    {"0.1x^4", {"0.4*x^3"}},
    {"(x-3)^2", {"2*(x - 3)"}},
    {"(2x+1)^3", {"6*(2*x + 1)^2"}},
    {"(x^2+1)^2", {"4*x*(x^2 + 1)"}},
    {"x*y", {"y", "x"}},
    {"x^2*y^3", {"2*x*y^3", "3*x^2*y^2"}},
    {"x^2 + x*y + y^2", {"2*x + y", "x + 2*y"}},
    {"(x*y-1)^2", {"2*y*(x*y - 1)", "2*x*(x*y - 1)"}},
    {"1/x", {"-1/x^2"}},
    {"1/(1+x^2)", {"-2*x/(x^2 + 1)^2"}},
    {"(1-x)/(1+x)", {"-2/(x + 1)^2"}},
    {"x/(x^2+1)", {"(1 - x^2)/(x^2 + 1)^2"}},
    {"x^(2/3)", {"2/(3*x^(1/3))"}},
    {"x^(5/3)", {"5*x^(2/3)/3"}},
    {"sqrt(x)", {"1/(2*sqrt(x))"}},
    {"cbrt(x)", {"1/(3*cbrt(x)^2)"}},
    {"sqrt(x^2+y^2)", {"x/sqrt(x^2 + y^2)", "y/sqrt(x^2 + y^2)"}},
    {"sin(x)", {"cos(x)"}},
    {"cos(2x)", {"-2*sin(2*x)"}},
    {"sin(x)^2", {"2*sin(x)*cos(x)"}},
    {"x*sin(x)", {"x*cos(x) + sin(x)"}},
    {"tan(x)", {"tan(x)^2 + 1"}},
    {"asin(x)", {"1/sqrt(1 - x^2)"}},
    {"acos(x)", {"-1/sqrt(1 - x^2)"}},
    {"atan(x)", {"1/(x^2 + 1)"}},
    {"sinh(x)", {"cosh(x)"}},
    {"cosh(x)", {"sinh(x)"}},
    {"tanh(x)", {"1/cosh(x)^2"}},
    {"exp(x)", {"exp(x)"}},
    {"e^(2x)", {"2*exp(2*x)"}},
    {"exp(-x^2/2)", {"-x*exp(-x^2/2)"}},
    {"x*exp(-x)", {"exp(-x) - x*exp(-x)"}},
    {"2^x", {"2^x*log(2)"}},
    {"x^x", {"x^x + x^x*log(x)"}},
    {"log(x)", {"1/x"}},
    {"log(x^2)", {"2/x"}},
    {"log(1+x^2)", {"2*x/(x^2 + 1)"}},
    {"x*log(x)", {"log(x) + 1"}},
    {"log2(x)", {"1/(x*log(2))"}},
    {"log10(x)", {"1/(x*log(10))"}},
    {"log1p(x)", {"1/(x + 1)"}},
    {"expm1(x)", {"exp(x)"}},
    {"log(cosh(x))", {"sinh(x)/cosh(x)"}},
    {"log(sigmoid(x))", {"1 - sigmoid(x)"}},
    {"sigmoid(x)", {"sigmoid(x)*(1 - sigmoid(x))"}},
    {"softplus(x)", {"sigmoid(x)"}},
    {"erf(x)", {"2*exp(-x^2)/sqrt(pi)"}},
    {"abs(x)", {"sign(x)"}},
    {"abs(x)^3", {"3*x*abs(x)"}},
    {"x*abs(x)", {"2*abs(x)"}},
    {"sqrt(x^2)", {"sign(x)"}},
    {"relu(x)", {"step(x)"}},
    {"relu(x)^2", {"2*relu(x)"}},
    {"max(x, y)", {"(sign(x - y) + 1)/2", "(1 - sign(x - y))/2"}},
    {"min(x, 0)", {"(1 - sign(x))/2"}},
    {"sign(x) + step(x)", {"0"}},
};

void check(const Written& written) {
  const NamedExpression named = parse_objective(written.function);
  const Function f(named.expression, named.variables);
  ASSERT_EQ(written.gradient.size(), named.variables.size()) << written.function;
  for (std::size_t i = 0; i < written.gradient.size(); ++i)
    EXPECT_EQ(to_text(f.gradient_expressions()[i]), written.gradient[i]) << written.function;
}

TEST(Gradients, OfEveryObjectiveAsAPersonWritesThem) {
  std::set<std::string> seen;
  for (const Written& written : kObjectives) {
    check(written);
    seen.insert(written.function);
  }
  for (const ObjectiveSpec& spec : named_objectives()) EXPECT_TRUE(seen.contains(spec.name)) << spec.name;
}

TEST(Gradients, OfFunctionsAsAPersonWritesThem) {
  for (const Written& written : kFunctions) check(written);
}

TEST(Simplify, WhatIsEqualAndWhatIsNot) {
  for (const auto& [given, expected] : std::map<std::string, std::string>{
           {"x + x", "2*x"},
           {"x - x", "0"},
           {"2x*3x", "6*x^2"},
           {"x*x^2", "x^3"},
           {"x^2/x", "x"},
           {"(x^2)^3", "x^6"},
           {"(x*y)^2", "x^2*y^2"},
           {"(x*y)^3", "(x*y)^3"},  // x^3 may be infinite
           {"(x/1e8)^40", "(1e-08*x)^40"},
           {"(x/7)^3", "x^3/343"},
           {"(log(2)*x)^2*log(2)", "x^2*log(2)^3"},
           {"(sqrt(2)*x)^2", "2*x^2"},
           {"-(x - y)", "y - x"},
           {"2*(x + 1) - 2*(x + 1)", "0"},
           {"log(exp(x))", "x"},
           {"exp(log(x))", "x"},
           {"sqrt(x)^2", "x"},
           {"sqrt(x^2)", "abs(x)"},         // not x
           {"(x^2)^0.5", "abs(x)"},         // not x
           {"(x^3)^(1/3)", "(x^3)^(1/3)"},  // not x: no real root of a negative number
           {"cbrt(x)^3", "x"},
           {"abs(x)^2", "x^2"},
           {"abs(x)*sign(x)", "x"},
           {"x/abs(x)", "sign(x)"},
           {"log(x^2)", "log(x^2)"},  // not 2*log(x)
           {"log(x*y)", "log(x*y)"},
           {"sqrt(x*y)", "sqrt(x*y)"},
           {"(x*y)^0.5", "(x*y)^0.5"},
           {"asin(sin(x))", "asin(sin(x))"},
           {"(x + 1)^2", "(x + 1)^2"},
           {"1e200*1e200*x", "1e+200*1e+200*x"},    // not infinity
           {"1e-200*1e-200*x", "1e-200*1e-200*x"},  // not 0
           {"(x^1e200)^1e200", "(x^1e+200)^1e+200"},
           {"0.1*x + 0.2*x", "0.30000000000000004*x"},
           {"2*pi*x", "2*pi*x"},
           {"x/pi", "x/pi"},
       }) {
    EXPECT_EQ(to_text(simplify(parse(given))), expected) << given;
  }
}

/// A function of x with its derivatives in closed form, in numbers of a wider range.
struct Family {
  std::string text;
  std::function<long double(long double)> value, slope, curvature;
};

void check_range(const Family& family, double x) {
  const NamedExpression named = parse_objective(family.text);
  const Function f(named.expression, named.variables);
  double slope = 0, batch = 0, curvature = 0;
  f.gradient({&x, 1}, {&slope, 1});
  f.gradients({&x, 1}, {&batch, 1});
  f.hessian({&x, 1}, {&curvature, 1});
  const auto same = [&](const char* what, double found, long double expected) {
    const long double size = std::abs(expected);
    if (!(size > 1e-290L && size < 1e300L)) return;  // what no double tells with all its digits
    EXPECT_LE(std::abs(found - expected), 1e-12L * size)
        << what << " of " << family.text << " at " << x << " is " << found << ", not " << expected;
  };
  same("value", f.value({&x, 1}), family.value(x));
  same("slope", slope, family.slope(x));
  same("slope of a batch", batch, family.slope(x));
  same("curvature", curvature, family.curvature(x));
}

TEST(Simplify, ConstantsStayInTheRangeOfNumbers) {
  const auto text = [](double c) { return format_exactly(c); };
  for (const double c : {1e-200, 1e-100, 1e-30, 1e-8, 0.001, 0.3, 7.0, 1000.0, 1e8, 1e30, 1e100, 1e200}) {
    for (const int n : {2, 3, 4, 7, 10, 17, 40, 101, 300}) {
      // Derivatives of g(u), u = x times `s`: s g', s^2 g''.
      const auto power = [n](long double u, int less) { return std::pow(u, static_cast<long double>(n - less)); };
      const long double twice = static_cast<long double>(n) * (n - 1);
      const auto family = [&](const std::string& inner, long double s, const std::string& form) {
        return Family{"(" + inner + ")^" + std::to_string(n) + form, [=](long double x) { return power(s * x, 0); },
                      [=](long double x) { return n * power(s * x, 1) * s; },
                      [=](long double x) { return twice * power(s * x, 2) * s * s; }};
      };
      for (const double u : {1.0, 0.5, -1.25, 3.0}) {
        check_range(family("x/" + text(c), 1 / static_cast<long double>(c), ""), u * c);
        check_range(family(text(c) + "*x", c, ""), u / c);
        check_range(family("-x/" + text(c), -1 / static_cast<long double>(c), "*1"), u * c);
        check_range(family("2*(x/" + text(c) + ")/2", 1 / static_cast<long double>(c), ""), u * c);
      }
    }
    // c * (c * x)^2 / c and its like: a product of constants may leave the range on the way.
    const long double l = c;
    for (const double u : {1.0, -0.5, 3.0}) {
      check_range({"(x/" + text(c) + ")*(x/" + text(c) + ")", [=](long double x) { return x / l * (x / l); },
                   [=](long double x) { return 2 * x / l / l; }, [=](long double) { return 2 / l / l; }},
                  u * c);
      check_range({"1/(" + text(c) + "*x)", [=](long double x) { return 1 / (l * x); },
                   [=](long double x) { return -1 / (l * x * x); }, [=](long double x) { return 2 / (l * x * x * x); }},
                  u / c);
      check_range({text(c) + "*(" + text(c) + "*x)^2", [=](long double x) { return l * l * x * l * x; },
                   [=](long double x) { return 2 * l * l * l * x; }, [=](long double) { return 2 * l * l * l; }},
                  u / c);
    }
  }
}

TEST(Simplify, CoefficientsThatAddUpToNoNumberStayApart) {
  for (const double c : {1e300, 1e307, 1e308, 1.7e308}) {
    const std::string text = format_exactly(c);
    const long double l = c;
    for (const double u : {1e-9, -0.01, 0.25}) {
      check_range({text + "*x + " + text + "*x", [=](long double x) { return 2 * l * x; },
                   [=](long double) { return 2 * l; }, [=](long double) { return 0.0L; }},
                  u);
      check_range({text + "*x^3 + " + text + "*x^3", [=](long double x) { return 2 * l * x * x * x; },
                   [=](long double x) { return 6 * l * x * x; }, [=](long double x) { return 12 * l * x; }},
                  u);
    }
  }
}

TEST(Simplify, ExponentialsStayInTheRangeOfNumbers) {
  for (const int k : {-700, -600, -300, -20, 1, 20, 300, 600, 700}) {
    const std::string given = std::to_string(k);
    const long double e = std::exp(static_cast<long double>(k));
    const auto exponential = [=](long double x) { return e * std::exp(x); };
    const auto squared = [=](long double x) { return e * std::exp(x) * e * std::exp(x); };
    for (const double u : {0.0, 1.5, -2.0}) {
      check_range({"exp(" + given + ")*exp(x)", exponential, exponential, exponential}, u - k);
      check_range({"(exp(" + given + ")*exp(x))^2", squared, [=](long double x) { return 2 * squared(x); },
                   [=](long double x) { return 4 * squared(x); }},
                  u - k);
    }
  }
}

TEST(Simplify, PowersOfQuotientsStayInTheRangeOfNumbers) {
  for (const int n : {9, 20, 40, 99, 200}) {
    const NamedExpression named = parse_objective("(x/y)^" + std::to_string(n));
    const Function f(named.expression, named.variables);
    for (const double scale : {1e-100, 1e-20, 1.0, 1e8, 1e100}) {
      const std::vector<double> at{1.25 * scale, scale};
      std::vector<double> slope(2);
      f.gradient(at, slope);
      const double whole = n * std::pow(1.25, n - 1) / scale;
      EXPECT_NEAR(slope[0] / whole, 1, 1e-12) << n << " at " << scale;
      EXPECT_NEAR(slope[1] / (-1.25 * whole), 1, 1e-12) << n << " at " << scale;
    }
  }
}

TEST(Update, TakesTheVariableOutWhereTheGradientIsAMultipleOfIt) {
  for (const auto& [function, expected] : std::map<std::string, std::string>{
           {"x^2", "x*(1 - 2*lr)"},
           {"x^2/2", "x*(1 - lr)"},
           {"-x^2", "x*(1 + 2*lr)"},
           {"x^4", "x*(1 - 4*lr*x^2)"},
           {"x^3", "x*(1 - 3*lr*x)"},
           {"double_well", "x*(1 - lr*(x^2 - 1))"},
           {"log(1 + x^2)", "x*(1 - 2*lr/(x^2 + 1))"},
           {"(x - 3)^2", "x - 2*lr*(x - 3)"},
           {"x^4 - 3x^2 + x", "x - lr*(4*x^3 - 6*x + 1)"},
           {"5x", "x - 5*lr"},
           {"-5x", "x + 5*lr"},
           {"x", "x - lr"},
           {"1/x", "x + lr/x^2"},
           {"exp(x)", "x - lr*exp(x)"},
           {"abs(x)", "x - lr*sign(x)"},
           {"sign(x)", "x"},
           {"1e308*x^2", "x - 1e+308*lr*(2*x)"},  // 2e308 is no number
           {"1e308*x + 1e308*x", "x - lr*(1e+308 + 1e+308)"},
       }) {
    const NamedExpression named = parse_objective(function);
    EXPECT_EQ(to_text(gradient_step("x", differentiate(named.expression, "x"))), expected) << function;
  }
}

}  // namespace
}  // namespace etamax
