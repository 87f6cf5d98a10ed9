#include "etamax/core/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "etamax/core/decimal.h"
#include "etamax/core/utf8.h"

namespace etamax {
namespace {

/// A positive number in so many significant digits: d.ddd x 10^exponent.
struct Decimal {
  std::string digits;
  int exponent = 0;

  static Decimal nearest(double value, int count) {
    const std::string text = fmt::format("{:.{}e}", value, std::max(count, 1) - 1);
    const std::size_t e = text.find('e');
    Decimal decimal{text.substr(0, e), std::atoi(text.c_str() + e + 1)};
    if (decimal.digits.size() > 1) decimal.digits.erase(1, 1);  // the point
    return decimal;
  }

  /// As it is read back: infinite beyond the largest double.
  double value() const {
    const int last = exponent - static_cast<int>(digits.size()) + 1;
    return *decimal_value(digits + "e" + std::to_string(last));
  }

  /// Moves to the next number of as many digits.
  void step(bool up) {
    std::size_t at = digits.size();
    while (at > 0 && digits[at - 1] == (up ? '9' : '0')) digits[--at] = up ? '0' : '9';
    if (at == 0) {  // 999 -> 1000
      digits.front() = '1';
      ++exponent;
      return;
    }
    digits[at - 1] = static_cast<char>(digits[at - 1] + (up ? 1 : -1));
    if (digits.front() != '0') return;
    digits = digits.substr(1) + "9";  // 100 -> 99.9
    --exponent;
  }

  std::string text() const {
    std::string text;
    append_decimal(text, digits, exponent);
    return text;
  }
};

std::string rounded(double value, int digits, bool up) {
  if (value == 0 || !std::isfinite(value)) return format_number(value, digits);
  const double size = std::abs(value);
  const bool outwards = up == (value > 0);  // away from 0
  Decimal decimal = Decimal::nearest(size, digits);
  if (const double read = decimal.value(); outwards ? read < size : read > size) decimal.step(outwards);
  return (value < 0 ? "-" : "") + decimal.text();
}

/// The end of an interval that says something.
bool is_known(const std::optional<double>& end, double open) { return end && !std::isnan(*end) && *end != open; }

}  // namespace

std::string format_number(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return decimal_text(value);
  return (value < 0 ? "-" : "") + Decimal::nearest(std::abs(value), digits).text();
}

std::string format_rate(double lr, std::size_t room) {
  constexpr int kUsual = 6, kGiven = 12, kFew = 4;
  const std::string usual = format_number(lr, kUsual);
  if (*decimal_value(usual) == lr) return usual;
  const std::string given = format_number(lr, kGiven);
  return given.size() <= room ? given : format_number(lr, kFew);
}

std::string format_factor(double factor, int digits) {
  constexpr int kMost = 17;
  while (digits < kMost && std::abs(factor) != 1 && *decimal_value(format_number(std::abs(factor), digits)) == 1)
    ++digits;
  return format_number(factor, digits);
}

std::string rounded_down(double value, int digits) { return rounded(value, digits, false); }

std::string rounded_up(double value, int digits) { return rounded(value, digits, true); }

int interval_digits(const Interval& x) {
  constexpr double kLeast = 3, kMost = 9;
  if (!x.lower || !x.upper) return static_cast<int>(kLeast);
  const double size = std::max(std::abs(*x.lower), std::abs(*x.upper));
  if (!(size > 0) || !std::isfinite(size)) return static_cast<int>(kLeast);
  const double width = std::max(*x.upper / size - *x.lower / size, 0.0);
  return static_cast<int>(std::clamp(1 - std::floor(std::log10(width)), kLeast, kMost));
}

std::string rounded_out(const Interval& x, int digits) {
  const bool lower = is_known(x.lower, -INFINITY), upper = is_known(x.upper, INFINITY);
  if (!lower && !upper) return "not known";
  if (!upper) return "at least " + rounded_down(*x.lower, digits);
  if (!lower) return "at most " + rounded_up(*x.upper, digits);
  const std::string from = rounded_down(*x.lower, digits), to = rounded_up(*x.upper, digits);
  return from == to ? from : from + " to " + to;
}

std::string rounded_out(const Interval& x) { return rounded_out(x, interval_digits(x)); }

std::string format_exactly(double value) {
  const std::string text = format_number(value);
  return std::isnan(value) || *decimal_value(text) == value ? text : format_number(value, 17);
}

double simplest_between(double low, double high) {
  for (int digits = 1; digits < 17; ++digits) {
    const double rounded = *decimal_value(fmt::format("{:.{}g}", low + (high - low) / 2, digits));
    if (low <= rounded && rounded <= high) return rounded;
  }
  return low + (high - low) / 2;
}

double without_noise(double x) {
  const double noise = 1e-12 * std::abs(x);
  return simplest_between(x - noise, x + noise);
}

std::string counted(long n, const std::string& what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

std::string ordinal(long n) {
  const long tens = n % 100, ones = n % 10;
  const char* ending = tens >= 11 && tens <= 13 ? "th" : ones == 1 ? "st" : ones == 2 ? "nd" : ones == 3 ? "rd" : "th";
  return fmt::format("{}{}", n, ending);
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string list_of(const std::vector<std::string>& names, std::size_t most) {
  if (names.size() <= most) return joined(names);
  const std::vector<std::string> first(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(most));
  return joined(first) + ", ...";
}

std::vector<std::string> number_texts(std::span<const double> numbers, int digits) {
  std::vector<std::string> texts;
  for (const double number : numbers) texts.push_back(format_number(number, digits));
  return texts;
}

std::string alternatives(const std::vector<std::string>& words) {
  if (words.size() < 2) return joined(words);
  return joined({words.begin(), words.end() - 1}) + " or " + words.back();
}

std::string one_line(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) shown += visible_character(text, at);
  return shown;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace etamax
