// Gradients and updates as a person would have written them.
#include <gtest/gtest.h>

#include <map>
#include <set>

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
           {"1e308*x^2", "x*(1 - 2*1e+308*lr)"},  // 2e308 is no number
           {"1e308*x + 1e308*x", "x - lr*(1e+308 + 1e+308)"},
       }) {
    const NamedExpression named = parse_objective(function);
    EXPECT_EQ(to_text(gradient_step("x", differentiate(named.expression, "x"))), expected) << function;
  }
}

}  // namespace
}  // namespace etamax
