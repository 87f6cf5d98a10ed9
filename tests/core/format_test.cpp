#include "etamax/core/format.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "etamax/core/decimal.h"
#include "etamax/core/suggest.h"

namespace etamax {

TEST(Format, NumbersAsPeopleReadThem) {
  EXPECT_EQ(format_number(-1.4), "-1.4");
  EXPECT_EQ(format_number(0.1 + 0.2), "0.3");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "inf");
  // Exponents as people type them, and none where the number can be written out.
  EXPECT_EQ(format_number(1e20), "1e20");
  EXPECT_EQ(format_number(1e-8), "1e-8");
  EXPECT_EQ(format_number(-2.5e-300), "-2.5e-300");
  EXPECT_EQ(format_number(10496, 3), "10500");
  EXPECT_EQ(format_number(-137000, 3), "-137000");
  EXPECT_EQ(format_number(999999, 3), "1e6");
  EXPECT_EQ(format_number(1234567, 3), "1.23e6");
  EXPECT_EQ(format_number(0.00012345, 3), "0.000123");
}

TEST(Decimal, TextReadsBackToTheSameNumberInNoMoreDigitsThanThatTakes) {
  EXPECT_EQ(decimal_text(0.1), "0.1");
  EXPECT_EQ(decimal_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(decimal_text(-6.25e-9), "-6.25e-9");
  EXPECT_EQ(decimal_text(123456789012345), "123456789012345");
  EXPECT_EQ(decimal_text(1200), "1200");
  EXPECT_EQ(decimal_text(1e15), "1e15");
  EXPECT_EQ(decimal_text(-0.0), "0");
  EXPECT_EQ(decimal_text(5e-324), "5e-324");
  EXPECT_EQ(decimal_text(std::numeric_limits<double>::max()), "1.7976931348623157e308");
  EXPECT_EQ(decimal_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(decimal_text(std::nan("")), "nan");
  std::mt19937_64 random(1);
  for (int k = 0; k < 10000; ++k) {
    const double x = std::bit_cast<double>(random()), y = std::ldexp(static_cast<double>(random() >> 11), -53);
    for (const double value : {x, y}) {
      if (!std::isfinite(value)) continue;
      int digits = 15;
      while (digits < 17 && decimal_value(format_number(value, digits)) != value) ++digits;
      EXPECT_EQ(decimal_text(value), format_number(value, digits));
      EXPECT_EQ(decimal_value(decimal_text(value)), value);
    }
  }
}

TEST(Format, SimplestNumberOfAnInterval) {
  EXPECT_EQ(simplest_between(0.4999999, 0.5000001), 0.5);
  EXPECT_EQ(simplest_between(0.99, 1.01), 1.0);
  const double odd = 0.12345678901234;
  EXPECT_EQ(simplest_between(odd, odd), odd);
  EXPECT_EQ(without_noise(0.1 + 0.2), 0.3);
  EXPECT_EQ(without_noise(-2.0000000000000004), -2);
  EXPECT_NEAR(without_noise(odd), odd, 1e-12 * odd);
  EXPECT_EQ(without_noise(0), 0);
}

TEST(Format, Ordinals) {
  EXPECT_EQ(ordinal(1), "1st");
  EXPECT_EQ(ordinal(12), "12th");
  EXPECT_EQ(ordinal(23), "23rd");
}

TEST(Format, ListsAreCutAfterSoMany) {
  EXPECT_EQ(list_of({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(list_of({"a", "b", "c", "d"}, 3), "a, b, c, ...");
  EXPECT_EQ(list_of({}, 3), "");
  EXPECT_EQ(list_of(number_texts(std::vector<double>{0.1, 1.0 / 3, -2}, 3), 2), "0.1, 0.333, ...");
}

TEST(Format, OneLine) {
  EXPECT_EQ(one_line("a\nb\x1b[2J\x7f gr\xc3\xb6\xc3\x9f"), "a\\x0ab\\x1b[2J\\x7f gr\xc3\xb6\xc3\x9f");
  EXPECT_EQ(one_line("\xff \xc2\x9b"
                     "31m"),
            "\\xff \\xc2\\x9b31m");
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
