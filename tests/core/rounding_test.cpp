// Bounds in print: what is printed must hold wherever the bound does, and be as tight as its digits allow.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "etamax/core/format.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double read(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

/// The printed number moved by `units` of its last digit, of `digits` in all.
double moved(const std::string& text, int digits, int units) {
  long mantissa = 0;
  int exponent = 0, count = 0;
  bool behind_point = false;
  const std::size_t e = std::min(text.find('e'), text.size());
  for (const char c : text.substr(0, e)) {
    if (c == '.') behind_point = true;
    if (c < '0' || c > '9') continue;
    if (count > 0 || c != '0') ++count;
    mantissa = 10 * mantissa + (c - '0');
    exponent -= behind_point ? 1 : 0;
  }
  if (e < text.size()) exponent += std::atoi(text.c_str() + e + 1);
  for (; count > digits; --count, ++exponent) {
    EXPECT_EQ(mantissa % 10, 0) << text << " has more digits than " << digits;
    mantissa /= 10;
  }
  for (; count < digits; ++count, --exponent) mantissa *= 10;
  if (text.front() == '-') mantissa = -mantissa;
  return read(std::to_string(mantissa + units) + "e" + std::to_string(exponent));
}

/// Finite numbers as they come: of every size, decimal and not, next to powers of ten, subnormal.
class Numbers {
 public:
  double next() {
    const double sign = random_() % 2 == 0 ? 1 : -1;
    switch (random_() % 5) {
      case 0: {
        const std::uint64_t bits = random_() & ~(std::uint64_t{1} << 63);
        double value;
        std::memcpy(&value, &bits, sizeof value);
        return std::isfinite(value) ? sign * value : 1;
      }
      case 1:
        return sign * std::pow(10.0, std::uniform_real_distribution<double>(-9, 9)(random_));
      case 2:
        return sign * static_cast<double>(random_() % 100000) *
               std::pow(10.0, static_cast<double>(random_() % 40) - 20);
      case 3: {
        const double ten = std::pow(10.0, static_cast<double>(random_() % 600) - 300);
        return sign * std::nextafter(ten, random_() % 2 == 0 ? 0.0 : kInfinity);
      }
      default:
        return sign * static_cast<double>(random_() % 1000) * std::numeric_limits<double>::denorm_min();
    }
  }
  int digits() { return 1 + static_cast<int>(random_() % 6); }

 private:
  std::mt19937_64 random_{20};
};

}  // namespace

TEST(Rounding, AMillionIntervalsHoldAndAreTight) {
  Numbers numbers;
  for (int i = 0; i < 1000000; ++i) {
    double lower = numbers.next(), upper = numbers.next();
    if (lower > upper) std::swap(lower, upper);
    const int digits = numbers.digits();
    const std::string text = rounded_out({lower, upper}, digits);
    const std::size_t between = text.find(" to ");
    const std::string from = text.substr(0, between), to = between < text.size() ? text.substr(between + 4) : text;
    ASSERT_LE(read(from), lower) << text;
    ASSERT_GE(read(to), upper) << text;
    if (lower != 0) {
      ASSERT_GE(moved(from, digits, 1), lower) << text;
    }
    if (upper != 0) {
      ASSERT_LE(moved(to, digits, -1), upper) << text;
    }
  }
}

TEST(Rounding, EitherWay) {
  EXPECT_EQ(rounded_down(2.1222, 3), "2.12");
  EXPECT_EQ(rounded_up(2.1222, 3), "2.13");
  EXPECT_EQ(rounded_down(-2.1222, 3), "-2.13");
  EXPECT_EQ(rounded_up(-2.1222, 3), "-2.12");
  EXPECT_EQ(rounded_down(32228.1, 3), "32200");
  EXPECT_EQ(rounded_up(32228.1, 3), "32300");
  EXPECT_EQ(rounded_up(1.02902, 4), "1.03");
  EXPECT_EQ(rounded_down(0.9996, 3), "0.999");
  EXPECT_EQ(rounded_up(0.9996, 3), "1");
  EXPECT_EQ(rounded_down(std::nextafter(1.0, 0.0), 1), "0.9");
  EXPECT_EQ(rounded_up(999999, 2), "1e6");
  for (const double short_number : {0.1, 0.3, 1e-8, -250.0, 1e22, 5e-324}) {  // reads back as itself
    EXPECT_EQ(read(rounded_down(short_number, 3)), short_number);
    EXPECT_EQ(rounded_down(short_number, 3), rounded_up(short_number, 3));
  }
}

TEST(Rounding, OddNumbers) {
  EXPECT_EQ(rounded_down(0, 3), "0");
  EXPECT_EQ(rounded_up(-0.0, 3), "0");
  EXPECT_EQ(rounded_up(kInfinity, 3), "inf");
  EXPECT_EQ(rounded_down(std::nan(""), 3), "nan");
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(rounded_down(most, 3), "1.79e308");
  EXPECT_EQ(read(rounded_up(most, 3)), kInfinity);
}

TEST(Rounding, TheFormsOfAnInterval) {
  EXPECT_EQ(rounded_out({0.7754, 0.7906}, 3), "0.775 to 0.791");
  EXPECT_EQ(rounded_out({0.5813, {}}, 3), "at least 0.581");
  EXPECT_EQ(rounded_out({{}, 3.2}, 3), "at most 3.2");
  EXPECT_EQ(rounded_out({{}, {}}, 3), "not known");
  EXPECT_EQ(rounded_out({-kInfinity, 3}, 3), "at most 3");
  EXPECT_EQ(rounded_out({3, kInfinity}, 3), "at least 3");
  EXPECT_EQ(rounded_out({std::nan(""), kInfinity}, 3), "not known");
  EXPECT_EQ(rounded_out({0.25, 0.25}, 3), "0.25");
  EXPECT_EQ(rounded_out({1.0 / 3, 1.0 / 3}, 3), "0.333 to 0.334");
}

TEST(Rounding, NarrowIntervalsAreGivenMoreDigits) {
  EXPECT_EQ(rounded_out({0.7754, 0.7906}), "0.775 to 0.791");
  EXPECT_EQ(rounded_out({32228.1, {}}), "at least 32200");
  EXPECT_EQ(rounded_out({2.1181, 2.1219}), "2.118 to 2.122");
  EXPECT_EQ(rounded_out({0.999999, 1.000001}), "0.999999 to 1.000001");
  EXPECT_EQ(rounded_out({-1.000001, -0.999999}), "-1.000001 to -0.999999");
  EXPECT_EQ(interval_digits({1, std::nextafter(1, 2)}), 9);
  EXPECT_EQ(interval_digits({-1e308, 1.7e308}), 3);
  EXPECT_EQ(interval_digits({0, 0}), 3);
}

}  // namespace etamax
