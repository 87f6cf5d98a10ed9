#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "etamax/diagnose/column.h"
#include "etamax/diagnose/track.h"

namespace etamax {

/// The columns of a log in bounded memory, filled by a reader record by record:
///
///     const int loss = table.column("loss");
///     table.put(loss, 0.69);
///     table.end_record();
///
/// The step of a record is the value of its best step column; in a log that counts anew in each epoch, plus
/// the steps of the epochs before; without a step column, its number.
class LogTable {
 public:
  static constexpr std::size_t kMostColumns = 96, kMostNames = 1000, kMostLetters = 200;

  /// `wanted_loss`, `wanted_step`: names that the user gave, or empty.
  LogTable(std::string wanted_loss, std::string wanted_step)
      : wanted_loss_(std::move(wanted_loss)), wanted_step_(std::move(wanted_step)) {}

  /// The number of the column of that name; -1 where nothing of it is kept.
  int column(std::string_view name);
  /// The same with the role that the column is known to have.
  int column(std::string_view name, NamedRole role);
  void put(int column, double value) {
    if (column >= 0) current_.push_back({column, value});
  }
  void end_record();
  /// The same where the format gives the step with the record.
  void end_record(double step);
  void drop_record() { current_.clear(); }
  /// The record under way says nothing of where the run is: a position in the data of a validation.
  void drop_position();
  /// The record under way is of the last position of an epoch: with another loss at the same position, it is of
  /// another epoch.
  void mark_whole_epoch() { whole_epoch_ = true; }
  /// A line without a named number; the one with the most numbers is kept, for a refusal to show.
  void unread(std::string_view line);
  const std::string& unread_line() const { return unread_line_; }

  struct Column {
    std::string name;
    NamedRole role;
    Track track;
  };
  const std::vector<std::unique_ptr<Column>>& columns() const { return columns_; }
  const std::vector<std::string>& names() const { return names_; }  ///< all that were seen, up to kMostNames
  long records() const { return records_; }
  /// The step column in use; empty where records are counted.
  std::string step_column() const;

  /// Whether that counts optimizer steps: a name says so, and it moves. Not so an epoch or a position in one.
  bool counts_steps() const { return has_steps_ || (step_column_ >= 0 && moved_); }
  /// The log counts epochs only.
  bool counts_epochs() const { return !counts_steps() && has_epoch_; }

  /// What the program printed about its numbers ("divide by zero encountered in log"), said once each.
  void message(std::string_view line);
  const std::vector<std::string>& messages() const { return messages_; }

  /// A line with which the program ends, as the loss is no number: so it is from its last record on.
  void last_words(std::string_view line);
  /// "" where none came, or the column went on after it.
  std::string last_words(const Column& column) const;

  /// Why something of the log could not be used, said once each.
  void remark(const std::string& text);
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  struct Value {
    int column;
    double value;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  double step_of_current();
  void close_record(double step);

  std::string wanted_loss_, wanted_step_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> numbers_;
  std::vector<std::unique_ptr<Column>> columns_;
  std::vector<std::string> names_, remarks_, messages_;
  std::vector<Value> current_;
  long records_ = 0, counted_ = 0, unnamed_ = 0;
  int step_column_ = -1;
  double epoch_ = 0, last_raw_ = -1, offset_ = 0, stride_ = 1;
  bool has_epoch_ = false, has_steps_ = false, whole_epoch_ = false;
  bool moved_ = false;     // a counter of steps did: not so that of the first batch of each epoch
  bool has_main_ = false;  // a record counted that held more than other losses
  bool named_loss_ = false;
  bool said_many_ = false, said_full_ = false;
  double last_loss_ = 0;
  std::string last_words_;
  std::vector<long> records_by_then_;  // of each column
  std::string unread_line_;
  int unread_numbers_ = 0;
};

}  // namespace etamax
