#include <gtest/gtest.h>

#include <cmath>

#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

double at(const std::string& text, double x) {
  const double point[] = {x};
  return Function(parse(text), {"x"}).value(point);
}

TEST(Parse, WhatPeopleType) {
  EXPECT_EQ(at("x^2", 3), 9);
  EXPECT_EQ(at("x**2", 3), 9);
  EXPECT_EQ(at("x\xC2\xB2", 3), 9);
  EXPECT_EQ(at("2x", 3), 6);
  EXPECT_EQ(at("3(x+1)", 3), 12);
  EXPECT_EQ(at("-x^2", 3), -9);
  EXPECT_EQ(at("2^-1", 0), 0.5);
  EXPECT_EQ(at("2^3^2", 0), 512);
  EXPECT_EQ(at("1e-3*x", 2), 2e-3);
  EXPECT_DOUBLE_EQ(at("sin(pi/2) + log(e)", 0), 2);
  EXPECT_EQ(at("max(x, 2) - min(x, 2)", 5), 3);
  EXPECT_EQ(at("1 - 2 - 3", 0), -4);
  EXPECT_EQ(at("8/2/2", 0), 2);
}

TEST(Parse, TellsWhereItWentWrong) {
  for (const auto& [text, position] : std::vector<std::pair<std::string, std::size_t>>{{"x +", 3}, {"(x", 0}, {"x @ 2", 2}}) {
    try {
      parse(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const ParseError& e) {
      EXPECT_EQ(e.position(), position) << e.what();
    }
  }
  EXPECT_THROW(parse(""), ParseError);
  EXPECT_THROW(parse(std::string(100000, '(')), InputError);
  EXPECT_THROW(parse(std::string(3000, '-') + "x"), InputError);
  EXPECT_THROW(parse("\xff"), ParseError);
}

TEST(Print, AsAPersonWouldHaveWrittenIt) {
  EXPECT_EQ(to_text(differentiate(parse("x^2"), "x")), "2*x");
  EXPECT_EQ(to_text(differentiate(parse("x^4"), "x")), "4*x^3");
  EXPECT_EQ(to_text(gradient_step("x", differentiate(parse("x^2"), "x"))), "x*(1 - 2*lr)");
  EXPECT_EQ(to_text(gradient_step("x", differentiate(parse("x^4"), "x"))), "x*(1 - 4*lr*x^2)");
}

TEST(Print, ParsesBackToTheSameFunction) {
  for (const std::string text : {"x^2", "-x^2", "(-x)^2", "2^-x", "1/(x/3)", "x/3/2", "1 - (x - 2)", "-(x - 1)*-2", "(x^2)^3",
                                 "x^2^0.5", "exp(-x^2/2)", "abs(x)*sign(x)", "softplus(2x) - x", "(1 - x)/(1 + x)", "-3*x",
                                 "x*(-3)", "2*(x + 1)^2 - (x - 1)", "1e-7*x + 1e20"}) {
    const Expression parsed = parse(text);
    for (const Expression& e : {parsed, simplify(parsed), differentiate(parsed, "x")}) {
      const Function original(e, {"x"}), back(parse(to_text(e)), {"x"});
      for (const double x : {-2.3, -0.4, 0.7, 1.9}) {
        const double point[] = {x};
        const double expected = original.value(point), found = back.value(point);
        if (std::isnan(expected)) EXPECT_TRUE(std::isnan(found)) << text << " -> " << to_text(e);
        else EXPECT_NEAR(found, expected, 1e-12 * std::abs(expected)) << text << " -> " << to_text(e) << " at " << x;
      }
    }
  }
}

}  // namespace
}  // namespace etamax
