#pragma once

#include <limits>
#include <optional>
#include <string>

namespace etamax {

/// Which numbers a value may be. They are always finite.
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;  ///< the bound itself is excluded
  std::optional<double> also = {};           ///< one number besides, such as 0 for "none of it"

  static Range at_least(double low) { return {.low = low, .high_open = true}; }
  /// Above 0.
  static Range positive() { return {.low = 0, .low_open = true, .high_open = true}; }
  /// Both bounds excluded.
  static Range between(double low, double high) {
    return {.low = low, .high = high, .low_open = true, .high_open = true};
  }
  /// Both bounds included.
  static Range from_to(double low, double high) { return {.low = low, .high = high}; }
  /// In [0, 1).
  static Range fraction() { return {.low = 0, .high = 1, .high_open = true}; }
  /// `range`, or this number.
  static Range either(double also, Range range) {
    range.also = also;
    return range;
  }

  bool contains(double value) const;

  /// What is valid, to follow "must be": "in [0, 1)", "at least 0", "between 0 and 1"; of whole numbers "a whole number
  /// in 0..10000", "a positive whole number", "0, or at least 4".
  std::string text(bool whole = false) const;
  /// The same where the type stands beside it: "0..10000", "positive"; "" where every finite number is valid.
  std::string brief(bool whole = false) const;
  /// What a value that is not valid is not: `text`, and that numbers are finite, or whole, where that is what is wrong.
  std::string broken_by(double value, bool whole = false) const;
};

}  // namespace etamax
