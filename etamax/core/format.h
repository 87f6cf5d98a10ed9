#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/core/interval.h"

namespace etamax {

/// The shortest text that reads back as `value` when it is at most `digits` significant digits long, else
/// `value` rounded to `digits` significant digits. For people: "1.2", "-1.4", "10500", "1e20", "1e-8", "inf".
std::string format_number(double value, int digits = 6);

/// A learning rate as it was given, so that two that differ are told apart: "0.9999999", and "0.3" for 0.1 + 0.2. To
/// four digits where that is longer than `room` characters.
std::string format_rate(double lr, std::size_t room = 20);

/// What a distance is multiplied by in each step: in so many digits, and in as many more as tell it from 1 or -1.
std::string format_factor(double factor, int digits = 6);

/// `value` in at most `digits` significant digits (1 to 17), less than one unit of the last of them away, and on the
/// side that is asked for: the text reads back as at most `value`, or as at least `value`.
std::string rounded_down(double value, int digits);
std::string rounded_up(double value, int digits);

/// How many significant digits the ends of an interval are printed with: 3, and more (9 at most) where these would hide
/// that it is narrow. It depends on the interval alone, so that one interval reads the same wherever it stands.
int interval_digits(const Interval& x);

/// "0.775 to 0.791", "at least 0.581", "at most 3.2", "not known"; a single number where both ends are that number. The
/// lower end is rounded down and the upper end up: what is printed holds wherever the interval does. An end that is
/// NaN, or infinite on its own side, is not known.
std::string rounded_out(const Interval& x, int digits);
/// The same, with interval_digits(x).
std::string rounded_out(const Interval& x);

/// With 6 digits where they read back as `value`, else with 17: a refused value must not look like the bound that it
/// just misses.
std::string format_exactly(double value);

/// The number with the fewest significant digits in the closed interval [low, high].
double simplest_between(double low, double high);

/// The simplest number within 1e-12 of x, relative: x without the rounding errors of how it was computed. For what was
/// measured; a certified bound is printed as it is.
double without_noise(double x);

/// "1 step", "2 steps".
std::string counted(long n, const std::string& what);

/// "1st", "2nd", "3rd", "11th".
std::string ordinal(long n);

/// "a, b, c", or with what else stands between two.
std::string joined(const std::vector<std::string>& words, const std::string& between = ", ");

/// "a, b, c": the first `most` of them, and ", ..." where there are more.
std::string list_of(const std::vector<std::string>& names, std::size_t most);

/// Each as format_number writes it.
std::vector<std::string> number_texts(std::span<const double> numbers, int digits = 6);

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

/// The text with control characters, and bytes that are no UTF-8, as "\x1b": one line that gives a terminal no orders.
std::string one_line(std::string_view text);

/// The whole number that is all of the text, in decimal digits behind at most a minus sign; none where it is
/// something else, or beyond 64 bits.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace etamax
