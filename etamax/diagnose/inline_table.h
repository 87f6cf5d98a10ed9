#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/diagnose/log_table.h"

namespace etamax {

constexpr int kNoColumn = -1;

/// A table that a program prints between other lines: a line of names, one of which is that of a loss, and below it
/// lines of as many numbers. "*** train_loss,train_acc ***", then "0.52 0.81"; "G error / D error", then "0.7 / 0.6";
/// "component | loss", then "generator | 8.35"; "Epoch gpu_mem box total", then "0/89 5.6G 0.07 0.12". The names may
/// stand in two lines.
class InlineTable {
 public:
  /// Takes a line without a named number for a line of names, where it is one.
  void take_names(std::string_view line);
  /// Puts the numbers of a row into the record under way, and returns the column of a loss; kNoColumn where it is no
  /// row.
  int take_row(std::string_view line, LogTable& table);
  /// Whether its first column counts epochs.
  bool begins_with_epoch() const { return !names_.empty() && role_of(names_.front()).role == Role::epoch; }

 private:
  int put(const std::vector<std::string_view>& cells, LogTable& table);

  /// "average since" above "loss last": the names in two lines, as Vowpal Wabbit prints them; empty where they are not.
  std::vector<std::string> joined_with_line_before(std::string_view line) const;

  std::vector<std::string> names_;
  std::string before_;  // the line before, where it may hold the first words of names
};

/// Of a row of such a table of YOLO's whose names are not in the log, "0/99 3.23G 0.12 0.08 0.05 22 640: 100%|###|
/// 4/4", with the epoch, the memory, the losses, counts, and a bar: the sum of the losses, or the last of them where it
/// is that. Nothing of another line.
std::optional<double> loss_of_bar_row(std::string_view line);
/// Puts it into the record under way, and returns its column; kNoColumn where there is none.
int take_bar_row(std::string_view line, LogTable& table);

/// A list of numbers between brackets at the end of a line, "INFO: [2.74, 1.88, 2.67]": into the record under way, as
/// columns without names. Returns the first column; kNoColumn where there is none.
int take_list(std::string_view line, LogTable& table);

}  // namespace etamax
