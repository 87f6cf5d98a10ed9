#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// Lines that differ in their numbers alone, up to the first decimal one, of a log in which none has a name: "0m 30s
/// (5000 6%) 2.75". The last resort of a reader.
class SameShape {
 public:
  void take(std::string_view line);
  /// Makes records of the lines of the shape that most have, three at least and half of all lines with numbers: the
  /// first number that counts up is the step, the first decimal one "column 0".
  void put(LogTable& table) const;

 private:
  struct Number {
    double value;
    bool decimal;
  };
  std::map<std::string, std::vector<std::vector<Number>>, std::less<>> lines_;
  long with_numbers_ = 0;
};

}  // namespace etamax
