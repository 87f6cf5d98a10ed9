#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// A table that a program prints between other lines: a line of names, one of which is that of a loss, and below it
/// lines of as many numbers. "*** train_loss,train_acc ***", then "0.52 0.81".
class InlineTable {
 public:
  /// Takes a line without a named number. True where it is a row, whose numbers are then in the record under way.
  bool take(std::string_view line, LogTable& table);

 private:
  std::vector<std::string> names_;
};

}  // namespace etamax
