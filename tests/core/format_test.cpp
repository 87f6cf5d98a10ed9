#include "etamax/core/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace etamax {

TEST(Format, NumbersAsPeopleReadThem) {
  EXPECT_EQ(format_number(-1.4), "-1.4");
  EXPECT_EQ(format_number(0.1 + 0.2), "0.3");
  EXPECT_EQ(format_number(1e20), "1e+20");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Format, SimplestNumberOfAnInterval) {
  EXPECT_EQ(simplest_between(0.4999999, 0.5000001), 0.5);
  EXPECT_EQ(simplest_between(0.99, 1.01), 1.0);
  const double odd = 0.12345678901234;
  EXPECT_EQ(simplest_between(odd, odd), odd);
}

TEST(Format, Ordinals) {
  EXPECT_EQ(ordinal(1), "1st");
  EXPECT_EQ(ordinal(12), "12th");
  EXPECT_EQ(ordinal(23), "23rd");
}

TEST(Format, OneLine) {
  EXPECT_EQ(one_line("a\nb\x1b[2J\x7f gr\xc3\xb6\xc3\x9f"), "a?b?[2J? gr\xc3\xb6\xc3\x9f");
}

TEST(Format, DidYouMean) {
  const std::vector<std::string> names = {"adam", "sgd", "rosenbrock"};
  EXPECT_EQ(closest("adm", names), "adam");
  EXPECT_EQ(closest("rosenbrok", names), "rosenbrock");
  EXPECT_EQ(closest("zzzzzz", names), "");
  EXPECT_EQ(closest("foo", std::vector<std::string>{"cos"}), "");  // two of three letters differ
  EXPECT_EQ(closest("sdg", std::vector<std::string>{"gd", "sgd"}), "sgd");
}

}  // namespace etamax
