#pragma once

#include <string_view>

namespace etamax {

/// Reads the number that `text` begins with, in the spellings of logs: "0.31", "-1e-3", "+2", ".5", "5e-05",
/// "20_000.5", "20'000", "nan", "NaN", "-inf", "Infinity", "1e+20", "-nan(ind)", "1.#INF". Returns how many characters
/// it takes, 0 where there is none. What is too large for a double is infinite, what is too small 0.
std::size_t read_number(std::string_view text, double& value);

/// The same where a comma may stand for the point: "0,693"; in "1,024" and "1,193,476.00" it groups digits, and "1,2,3"
/// is a list.
std::size_t read_decimal(std::string_view text, double& value);

/// The whole text as a number, spaces around it allowed.
bool is_number(std::string_view text, double& value);

}  // namespace etamax
