#pragma once

#include <string_view>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// A record that a program prints as a box of two columns, "|  ep_rew_mean  | 27.1  |", a name and its number in each
/// line. It ends with the first line that is none, or where a name comes again.
class BoxedRecord {
 public:
  explicit BoxedRecord(LogTable& table) : table_(table) {}

  /// Takes a line of the box into the record under way; false where it is none, and then the record is ended.
  bool take(std::string_view line);
  void end();

 private:
  LogTable& table_;
  std::string first_;  // the name of the first number
};

/// Whether what the beginning of a log holds are such boxes.
bool is_boxed(std::string_view beginning);

}  // namespace etamax
