#include "etamax/core/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdlib>

namespace etamax {

namespace {

/// d.ddde+dd, or de+dd, in as few digits as read back to the same number. It is above 0.
std::string scientific_text(double value) {
#if defined(__cpp_lib_to_chars)
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr};
#else  // as in the standard library of older versions of emscripten
  std::string text;
  for (int decimals = 14; decimals <= 16 && decimal_value(text) != value; ++decimals)
    text = fmt::format("{:.{}e}", value, decimals);
  return text;
#endif
}

}  // namespace

std::optional<double> decimal_value(const std::string& text) {
  static const locale_t point = newlocale(LC_ALL_MASK, "C", nullptr);
  char* end = nullptr;
  const double value = strtod_l(text.c_str(), &end, point);
  if (text.empty() || end != text.c_str() + text.size()) return std::nullopt;
  return value;
}

std::string decimal_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  constexpr std::size_t kWrittenOut = 15;
  const std::string shortest = scientific_text(std::abs(value));
  const std::size_t e = shortest.find('e');
  std::string digits = shortest.substr(0, 1);
  if (e > 1) digits += shortest.substr(2, e - 2);
  if (digits.size() < kWrittenOut) digits.resize(kWrittenOut, '0');
  std::string text;
  if (value < 0) text += '-';
  append_decimal(text, digits, std::atoi(shortest.c_str() + e + 1));
  return text;
}

void append_decimal(std::string& text, std::string_view digits, int exponent) {
  constexpr int kSmallest = -4, kMillion = 6;  // exponents of what is written out
  const std::string_view shown = digits.substr(0, digits.find_last_not_of('0') + 1);
  const auto with_point = [&](std::size_t whole) {
    text += shown.substr(0, whole);
    if (shown.size() > whole) (text += '.') += shown.substr(whole);
  };
  if (exponent < kSmallest || exponent >= std::max(static_cast<int>(digits.size()), kMillion)) {
    with_point(1);
    (text += 'e') += std::to_string(exponent);
  } else if (exponent < 0) {
    text += "0.";
    text.append(static_cast<std::size_t>(-exponent - 1), '0') += shown;
  } else {
    const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
    with_point(whole);
    if (shown.size() < whole) text.append(whole - shown.size(), '0');
  }
}

}  // namespace etamax
