#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <numbers>

#include "etamax/expr/detail.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

double at(const std::string& text, double x) {
  const double point[] = {x};
  return Function(parse(text), {"x"}).value(point);
}

TEST(Parse, WhatPeopleType) {
  const double e = std::numbers::e, pi = std::numbers::pi;
  for (const auto& [text, expected] : std::vector<std::pair<std::string, double>>{
           {"x^2", 9},
           {"x**2", 9},
           {"x²", 9},
           {"x⁻¹ + x¹⁰", 1 / 3.0 + 59049},
           {"2x", 6},
           {"2x²", 18},
           {"3(x+1)", 12},
           {"(x+1)(x-1)", 8},
           {"2 x x", 18},
           {"x y", 6},
           {"(x)(y+1)", 9},
           {"a*b", 20},
           {"-x^2", -9},
           {"--x", 3},
           {"-+-x", 3},
           {"2--x", 5},
           {"x*-y", -6},
           {"2^-1", 0.5},
           {"2^-x", 0.125},
           {"2^3^2", 512},
           {"-2^2", -4},
           {"(-2)^2", 4},
           {"1 - 2 - 3", -4},
           {"8/2/2", 2},
           {"8/2*2", 8},
           {"1/2x", 1.5},
           {"1e-3*y", 2e-3},
           {"1.5E+2", 150},
           {".5x + 5.", 6.5},
           {"2e", 2 * e},
           {"2e3", 2000},
           {"2pi x", 6 * pi},
           {"2π x", 6 * pi},
           {"e^0 + pi", 1 + pi},
           {"|x-5|", 2},
           {"||x-5|-3|*2", 2},
           {"x·y×2÷3−1", 3},
           {"x⋅y", 6},
           {" \tx\n+ 1 ", 4},
           {"ln(e)", 1},
           {"max(x, 2) - min(x, 2)", 1},
           {"sin(pi/2) + log(e)", 2},
           {"x_1 + x2", 12},
           {"0^0", 1},
           {"2(3)(4)", 24},
           {"5 + - + - 1", 6},
       }) {
    const Function f(parse(text), {"a", "b", "x", "y", "x_1", "x2"});
    const double point[] = {4, 5, 3, 2, 5, 7};
    EXPECT_DOUBLE_EQ(f.value(point), expected) << text;
  }
}

TEST(Parse, EveryFunctionIsThatOfTheStandardLibrary) {
  const std::map<std::string, double (*)(double)> standard = {
      {"sin", std::sin},
      {"cos", std::cos},
      {"tan", std::tan},
      {"asin", std::asin},
      {"acos", std::acos},
      {"atan", std::atan},
      {"sinh", std::sinh},
      {"cosh", std::cosh},
      {"tanh", std::tanh},
      {"exp", std::exp},
      {"log", std::log},
      {"log2", std::log2},
      {"log10", std::log10},
      {"log1p", std::log1p},
      {"expm1", std::expm1},
      {"sqrt", std::sqrt},
      {"cbrt", std::cbrt},
      {"abs", std::abs},
      {"erf", std::erf},
      {"ln", std::log},
      {"sign", [](double x) { return x / std::abs(x); }},
      {"relu", [](double x) { return std::max(x, 0.0); }},
      {"step", [](double x) { return x > 0 ? 1.0 : 0.0; }},
      {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"softplus", [](double x) { return std::log(1 + std::exp(x)); }}};
  for (const auto& [name, op] : detail::functions()) {
    if (op == Op::max || op == Op::min) continue;
    const auto found = standard.find(name);
    ASSERT_NE(found, standard.end()) << name;
    for (const double x : {-0.7, 0.3, 0.9}) {
      const double expected = found->second(x);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(at(name + "(x)", x))) << name << " " << x;
      else
        EXPECT_NEAR(at(name + "(x)", x), expected, 1e-15) << name << " " << x;
    }
  }
}

struct Refusal {
  std::string text;
  std::size_t position;
  std::string reason;
};

TEST(Parse, TellsWhereItWentWrongAndWhatWasExpected) {
  for (const auto& [text, position, reason] : std::vector<Refusal>{
           {"", 0, "expected an expression"},
           {"x +", 3, "the text ends"},
           {"x + * 2", 4, "not '*'"},
           {"(x", 0, "this '(' is never closed"},
           {"x)", 1, "this ')' closes nothing"},
           {"|x", 0, "this '|' is never closed"},
           {"x|", 1, "this '|' closes nothing"},
           {"x @ 2", 2, "not '@'"},
           {"x^^2", 2, "not '^'"},
           {"()", 1, "expected a number, a variable, a function or '('"},
           {"sin x", 4, "expected '(' after sin, as in sin(x)"},
           {"sin²(x)", 5, "as in sin(x)^2"},
           {"sin()", 4, "sin needs an operand"},
           {"sin(x, y)", 0, "sin takes one operand, not 2"},
           {"max(x)", 0, "max takes two operands, not 1"},
           {"sigmod(x)", 0, "did you mean sigmoid?"},
           {"x(x+1)", 0, "for a product write x*(...)"},
           {"2x(y+1)", 1, "for a product write x*(...)"},
           {"frob(x)", 0, "there are sin, cos, tan"},
           {"1.2.3", 3, "one decimal point"},
           {"1e999*x", 0, "within the range of 64-bit floating point"},
           {"2 3", 2, "for a product write *"},
           {"y = x^2", 2, "give only its right-hand side"},
           {"x²²²²²²²²²", 1, "expected a smaller exponent"},
           {"\xff", 0, "non-ASCII"},
           {"x + α", 4, "non-ASCII"},
           {std::string("x\0y", 3), 1, "control character"},
       }) {
    try {
      parse(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const ParseError& error) {
      EXPECT_EQ(error.position(), position) << error.what();
      EXPECT_NE(error.summary().find(reason), std::string::npos) << text << ": " << error.summary();
    }
  }
}

ParseError fault_of(const std::string& text) {
  try {
    parse(text);
  } catch (const ParseError& error) {
    return error;
  }
  throw std::logic_error(text + " was accepted");
}

TEST(Parse, SaysInOneLineWhatIsWrongAndWhere) {
  EXPECT_STREQ(fault_of("x² + (y").what(), "at character 6: this '(' is never closed");
  EXPECT_STREQ(fault_of("x\n+\n\xff").what(),
               "at character 5: expected a number, a variable, a function or '(', not this non-ASCII character");
}

using Lines = std::array<std::string, 2>;

TEST(Parse, PutsTheCaretUnderThePlace) {
  EXPECT_EQ(fault_of("x² + @").excerpt(), (Lines{"  x² + @", "       ^"}));
  EXPECT_EQ(fault_of("x +\t@").excerpt(), (Lines{"  x + @", "      ^"}));
  EXPECT_EQ(fault_of("x^").excerpt(), (Lines{"  x^", "    ^"}));
}

/// Nothing of what is shown gives a terminal orders, and the caret counts what is shown.
TEST(Parse, ShowsBytesThatAreNoText) {
  EXPECT_EQ(fault_of("x + \xff\x1b[31m").excerpt(), (Lines{"  x + \\xff\\x1b[31m", "      ^"}));
  // The name of a function that there is none of is found behind bytes that are none of an expression.
  const ParseError late("\xff\x7f + @", 5, "expected x");
  EXPECT_EQ(late.excerpt(), (Lines{"  \\xff\\x7f + @", "             ^"}));
}

TEST(Parse, ShowsWhatIsAroundThePlaceOfALongText) {
  const std::string spaces(500, ' ');
  const Lines middle = fault_of(spaces + "x + @" + spaces).excerpt();
  EXPECT_EQ(middle[0], "  ..." + std::string(32, ' ') + "x + @" + std::string(35, ' ') + "...");
  EXPECT_EQ(middle[1], std::string(2 + 3 + 36, ' ') + "^");
  std::string text;
  for (int i = 0; i < 200; ++i) text += "x² + ";
  for (const std::string& faulty : {text + "@", "@" + text, text + "@" + text, text + "\xff\xff" + text})
    for (const std::string& line : fault_of(faulty).excerpt()) {
      const auto columns = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
      EXPECT_LE(columns, 80) << line;
    }
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

/// Whatever is typed is answered or refused within a second or two, without running out of stack.
TEST(Parse, SizeAndDepthAreBounded) {
  std::string names64, products;
  for (int i = 0; i < 64; ++i) names64 += (i ? " + x" : "x") + std::to_string(i) + "^2";
  for (int i = 0; i < 1000; ++i) products += (i ? "*(x+" : "(x+") + std::to_string(i) + ")";
  EXPECT_EQ(variables(parse(names64)).size(), 64u);
  EXPECT_THROW(parse(names64 + " + x64"), ParseError);
  EXPECT_NO_THROW(parse(repeated("(", 150) + "x" + repeated(")", 150)));
  EXPECT_THROW(parse(repeated("(", 3000) + "x" + repeated(")", 3000)), ParseError);
  EXPECT_THROW(parse(repeated("-", 3000) + "x"), ParseError);
  EXPECT_THROW(parse("x" + repeated("^x", 3000)), ParseError);
  EXPECT_THROW(parse("x" + repeated("/x", 3000)), ParseError);
  EXPECT_THROW(parse(repeated("x+", 5001) + "x"), ParseError);
  EXPECT_THROW(parse(repeated("|", 5001)), ParseError);
  EXPECT_THROW(parse(repeated("(", 150) + "x" + repeated(repeated("/x", 30) + ")", 150)),
               ParseError);  // a tree too deep
  for (const std::string& text :
       {"x" + repeated("+x", 4999), "x" + repeated("*x", 4999), products,
        repeated("sin(", 190) + "x" + repeated(")", 190), repeated("max(", 150) + "x" + repeated(",y)", 150),
        repeated("tanh(x+", 180) + "y" + repeated(")", 180), "x" + repeated("^x", 190), names64}) {
    const auto begin = std::chrono::steady_clock::now();
    try {
      const NamedExpression named = parse_objective(text);
      const Function f(named.expression, named.variables);
      f.hessian_is_constant();
      to_mathml(f.gradient_expressions()[0]);
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("too large"), std::string::npos) << error.what();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(seconds.count(), 20) << text.substr(0, 30);  // 1 on an idle machine without sanitizers
  }
}

TEST(Objectives, AreRefusedWithWhatWouldBeRight) {
  for (const auto& [text, reason] : std::map<std::string, std::string>{
           {"rosenbrok", "did you mean rosenbrock?"},
           {"himelblau", "did you mean himmelblau?"},
           {"quadratc(condition=3)", "did you mean quadratic?"},
           {"quadratic(condition=0)", "condition is '0', not a number from 1e-12 to 1e12"},
           {"quadratic(condition=nan)", "condition is 'nan', not a number"},
           {"quadratic(cond=3)", "there is no parameter cond; it takes condition"},
           {"quadratic(1, 2)", "takes one parameter"},
           {"double_well(3)", "takes no parameters"},
           {"rastrigin(65)", "not a whole number from 1 to 64"},
           {"rastrigin(2.5)", "not a whole number"},
           {"rastrigin(2", "expected one ')' at the end"},
           {"3", "has no variable"},
           {"lr*x^2", "the variable lr would be taken for the learning rate"},
       }) {
    try {
      parse_objective(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << text << ": " << error.what();
    }
  }
}

TEST(Mathml, KeepsTheOrderOfOperations) {
  const auto mathml = [](const std::string& text) { return to_mathml(parse(text)); };
  EXPECT_EQ(mathml("2x"), "<mn>2</mn><mo>&#x2062;</mo><mi>x</mi>");
  EXPECT_EQ(mathml("(x + 1)^2"),
            "<msup><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><mo>)</mo></mrow><mrow><mn>2</mn></mrow></msup>");
  EXPECT_EQ(mathml("-x^2"), "<mo>&#x2212;</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>");
  EXPECT_EQ(mathml("(-x)^2"),
            "<msup><mrow><mo>(</mo><mo>&#x2212;</mo><mi>x</mi><mo>)</mo></mrow><mrow><mn>2</mn></mrow></msup>");
  EXPECT_EQ(mathml("x*(y - 1)"),
            "<mi>x</mi><mo>&#x2062;</mo><mrow><mo>(</mo><mi>y</mi><mo>&#x2212;</mo><mn>1</mn><mo>)</mo></mrow>");
  EXPECT_EQ(mathml("(x/2)^3"),
            "<msup><mrow><mo>(</mo><mfrac><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></mfrac><mo>)</mo></mrow>"
            "<mrow><mn>3</mn></mrow></msup>");
  EXPECT_EQ(mathml("1e-7*x_12"),
            "<msup><mn>10</mn><mrow><mo>&#x2212;</mo><mn>7</mn></mrow></msup><mo>&#x2062;</mo>"
            "<msub><mi>x</mi><mn>12</mn></msub>");
}

TEST(Mathml, SetsWordsApart) {
  const std::string apart = R"(<mo lspace="0" rspace="0.17em">&#x2062;</mo>)", close = "<mo>&#x2062;</mo>";
  const auto count = [](const std::string& text, const std::string& part) {
    int n = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  for (const char* text : {"2*lr", "lr*x", "lr*sign(x)", "x*exp(x)", "sin(x)*y", "2*lr^2", "3*sin(x)^2"}) {
    const std::string mathml = to_mathml(parse(text));
    EXPECT_EQ(count(mathml, apart), 1) << text << ": " << mathml;
    EXPECT_EQ(count(mathml, close), 0) << text << ": " << mathml;
  }
  for (const char* text : {"2*x", "x*y", "x*(lr + 1)", "x*sqrt(y)"})
    EXPECT_EQ(count(to_mathml(parse(text)), apart), 0) << text;
}

TEST(Mathml, AMinusStandsBeforeItsFraction) {
  EXPECT_EQ(to_mathml(parse("x - y/z")),
            "<mi>x</mi><mo>&#x2212;</mo><mfrac><mrow><mi>y</mi></mrow><mrow><mi>z</mi></mrow></mfrac>");
  EXPECT_EQ(to_mathml(parse("(y - x)/z")).rfind("<mfrac>", 0), 0u);
}

TEST(Mathml, APrimeStandsBesideItsName) {
  const std::string prime = R"(<mo lspace="0" rspace="0">&#x2032;</mo>)";
  EXPECT_EQ(to_mathml(Expression::variable("x'")), "<mi>x</mi>" + prime);
  EXPECT_EQ(to_mathml(Expression::variable("x1'")), "<msub><mi>x</mi><mn>1</mn></msub>" + prime);
}

TEST(Print, ParsesBackToTheSameFunction) {
  for (const std::string text : {"x^2", "-x^2", "(-x)^2", "2^-x", "1/(x/3)", "x/3/2", "1 - (x - 2)", "-(x - 1)*-2",
                                 "(x^2)^3", "x^2^0.5", "exp(-x^2/2)", "abs(x)*sign(x)", "softplus(2x) - x",
                                 "(1 - x)/(1 + x)", "-3*x", "x*(-3)", "2*(x + 1)^2 - (x - 1)", "1e-7*x + 1e20"}) {
    const Expression parsed = parse(text);
    for (const Expression& e : {parsed, simplify(parsed), differentiate(parsed, "x")}) {
      const Function original(e, {"x"}), back(parse(to_text(e)), {"x"});
      for (const double x : {-2.3, -0.4, 0.7, 1.9}) {
        const double point[] = {x};
        const double expected = original.value(point), found = back.value(point);
        if (std::isnan(expected))
          EXPECT_TRUE(std::isnan(found)) << text << " -> " << to_text(e);
        else
          EXPECT_NEAR(found, expected, 1e-12 * std::abs(expected)) << text << " -> " << to_text(e) << " at " << x;
      }
    }
  }
}

}  // namespace
}  // namespace etamax
