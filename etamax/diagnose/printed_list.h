#pragma once

#include <string_view>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// The losses of a run in one list that a program prints, "losses: [0.69, 0.65, ...", which may go on over
/// further lines: each value is a record.
class PrintedList {
 public:
  explicit PrintedList(LogTable& table) : table_(table) {}

  /// Takes the list of the losses `name` whose first value is at `at`, behind the bracket. Returns where it ends; 0
  /// where there are but few, as of several losses.
  std::size_t begin(std::string_view line, std::size_t at, std::string_view name);
  bool open() const { return column_ >= 0; }
  /// Takes a line of the list that is open; false where it is none, and then the list is closed.
  bool go_on(std::string_view line);

 private:
  void put(std::string_view inside);

  LogTable& table_;
  int column_ = -1;  // of the list that is open
};

}  // namespace etamax
