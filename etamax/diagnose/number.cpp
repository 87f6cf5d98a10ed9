#include "etamax/diagnose/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>

namespace etamax {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The length of `word` (lower case) where the text begins with it in any case and no further letter follows.
std::size_t begins(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return 0;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((text[i] | 0x20) != word[i]) return 0;
  return text.size() > word.size() && is_word(text[word.size()]) ? 0 : word.size();
}

std::size_t read_word(std::string_view text, double& value) {
  for (const std::string_view word : {"infinity", "inf"})
    if (const std::size_t n = begins(text, word)) {
      value = std::numeric_limits<double>::infinity();
      return n;
    }
  if (std::size_t n = begins(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    for (const std::string_view tail : {"(ind)", "(snan)"})
      if (text.substr(n, tail.size()) == tail) n += tail.size();
    return n;
  }
  return 0;
}

/// A plain decimal number of so few digits that they, and the power of ten below them, are doubles: one
/// division rounds it right (Clinger, 1990). 0 where it is another one.
std::size_t read_plain(std::string_view text, double& value) {
  constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  constexpr std::size_t kDigits = 15;
  long long digits = 0;
  std::size_t at = 0, point = 0;
  for (; at < text.size() && at <= kDigits; ++at) {
    if (is_digit(text[at]))
      digits = 10 * digits + (text[at] - '0');
    else if (text[at] == '.' && point == 0)
      point = at + 1;
    else
      break;
  }
  if (at > kDigits || (at < text.size() && (text[at] == 'e' || text[at] == 'E'))) return 0;
  value = static_cast<double>(digits) / kPowers[point > 0 ? at - point : 0];
  return at;
}

/// "1,024" and "1,193,476.00", or with another mark between the groups: digits in groups. 0 for others, and for
/// "100,200,300", which may be a list.
std::size_t read_grouped(std::string_view text, char mark, double& value) {
  constexpr std::size_t kGroup = 3, kMostGroups = 12,
                        kMost = 60;  // a list of a megabyte is not read from each place on
  const auto digits_from = [&](std::size_t at) {
    std::size_t count = 0;
    while (count <= kGroup && at + count < text.size() && is_digit(text[at + count])) ++count;
    return count;
  };
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0, groups = 0;
  const std::size_t first = digits_from(at);
  if (first == 0 || first > kGroup || text[at] == '0') return 0;
  at += first;
  while (groups < kMostGroups && at < text.size() && text[at] == mark && digits_from(at + 1) == kGroup)
    at += 1 + kGroup, ++groups;
  const bool point = at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1]);
  const bool goes_on = at + 1 < text.size() && text[at] == mark && is_digit(text[at + 1]);
  if (groups == 0 || goes_on || (mark == ',' && groups > 1 && !point)) return 0;
  std::string plain;
  std::copy_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), std::back_inserter(plain),
               [mark](char c) { return c != mark; });
  plain += text.substr(at, kMost);
  return read_number(plain, value) + groups;
}

}  // namespace

std::size_t read_number(std::string_view text, double& value) {
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const bool minus = sign == 1 && text[0] == '-';
  if (text.size() <= sign) return 0;
  const char first = text[sign];
  std::size_t length = 0;
  if (is_digit(first) || (first == '.' && text.size() > sign + 1 && is_digit(text[sign + 1]))) {
    const std::string_view number = text.substr(sign);
    length = first == '.' ? 0 : read_plain(number, value);
    if (length > 0 && length < number.size() && (number[length] == '_' || number[length] == '\''))
      if (const std::size_t grouped = read_grouped(text, number[length], value); grouped > 0) return grouped;
    if (length == 0) {
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      length = static_cast<std::size_t>(end - number.data());
      if (error == std::errc::result_out_of_range) {
        // Too large or too small: the sign of the exponent tells, or the digits before the point.
        const std::size_t e = number.substr(0, length).find_first_of("eE");
        const bool small = e != std::string_view::npos ? number[e + 1] == '-' : first == '0' || first == '.';
        value = small ? 0 : std::numeric_limits<double>::infinity();
      }
    }
    // Visual C++ before 2015 wrote 1.#INF and 1.#IND.
    const std::string_view rest = number.substr(length);
    if (value == 1 && !rest.empty() && rest.front() == '#')
      for (const std::string_view odd : {"#inf", "#ind", "#qnan"})
        if (const std::size_t n = begins(rest, odd); n > 0) {
          value = odd == "#inf" ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
          length += n;
          break;
        }
  } else {
    length = read_word(text.substr(sign), value);
  }
  if (length == 0) return 0;
  if (minus) value = -value;
  return sign + length;
}

std::size_t read_decimal(std::string_view text, double& value) {
  constexpr std::size_t kGroup = 3, kMost = 60;
  if (const std::size_t grouped = read_grouped(text, ',', value); grouped > 0) return grouped;
  const std::size_t whole = read_number(text, value);
  if (whole == 0 || whole >= kMost || text.size() < whole + 2 || text[whole] != ',' || !is_digit(text[whole + 1]))
    return whole;
  std::string number(text.substr(0, std::min(text.size(), kMost)));
  number[whole] = '.';
  if (number.find_first_not_of("+-0123456789") != whole) return whole;  // it has a point, or an exponent, already
  const std::size_t digits = std::min(number.find_first_not_of("0123456789", whole + 1), number.size()) - whole - 1;
  double decimal = 0;
  const std::size_t length = read_number(number, decimal);
  const bool groups = digits == kGroup && value != 0;
  const bool list = length < text.size() && std::string_view(",.])").find(text[length]) != std::string_view::npos &&
                    (text[length] != ',' || (length + 1 < text.size() && is_digit(text[length + 1])));
  if (groups || list) return whole;
  value = decimal;
  return length;
}

bool is_number(std::string_view text, double& value) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return !text.empty() && read_number(text, value) == text.size();
}

}  // namespace etamax
