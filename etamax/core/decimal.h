#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace etamax {

/// The number that is all of the text, as strtod reads it where the decimal sign is a point, whatever the locale is:
/// beyond the range of a double it is infinite, or 0.
std::optional<double> decimal_value(const std::string& text);

/// As few digits as read back to the same number: "0.1", "-6.25e-9", "inf", "nan". Whole numbers below 1e15 are written
/// out.
std::string decimal_text(double value);

/// Appends d.ddd x 10^exponent, whose `digits` are those of the text without the point, as people write it: "0.012",
/// "1.2", "1200", "1.2e-8". Zeros behind the last digit are left out. Written out are whole numbers of as many digits
/// as are given, and of 6.
void append_decimal(std::string& text, std::string_view digits, int exponent);

}  // namespace etamax
