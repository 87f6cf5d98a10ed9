#pragma once

#include <optional>
#include <string>

namespace etamax {

/// The number that is all of the text, as strtod reads it where the decimal sign is a point, whatever the locale is:
/// beyond the range of a double it is infinite, or 0.
std::optional<double> decimal_value(const std::string& text);

}  // namespace etamax
