#include "etamax/diagnose/log_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/core/utf8.h"
#include "etamax/diagnose/number.h"

namespace etamax {

int LogTable::column(std::string_view name) {
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  return column(name, role_of(name));
}

int LogTable::column(std::string_view name, NamedRole role) {
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  const std::string shown = one_line(utf8_prefix(name, kMostLetters));
  if (!wanted_step_.empty() && role.role == Role::step) role.role = Role::metric;
  if (shown == wanted_step_) role = {Role::step, -1};
  if (shown == wanted_loss_) role = {Role::loss, -1};
  int number = -1;
  const bool idle = role.role == Role::time || role.role == Role::metric;
  const bool spare = role.role == Role::unknown || role.role == Role::parameter;
  const bool many = names_.size() >= kMostNames, full = columns_.size() >= kMostColumns;
  // Of very many names only those are kept that mean something; the others are looked up again each time.
  if (many && (idle || spare || full)) {
    if (!said_many_)
      remark(
          fmt::format("it has more than {} columns; of those after them, such as '{}', only losses, "
                      "rates, norms and steps are read",
                      kMostNames, shown));
    said_many_ = true;
    return -1;
  }
  if (full && (role.role == Role::loss || role.role == Role::other_loss) && !said_full_) {
    remark(fmt::format("it has more than {} columns that mean something; '{}' and those after it are left out",
                       kMostColumns, shown));
    said_full_ = true;
  }
  names_.push_back(shown);
  // Names without a known role take at most half of the room.
  if (!idle && columns_.size() < (spare ? kMostColumns / 2 : kMostColumns)) {
    number = static_cast<int>(columns_.size());
    columns_.push_back(std::make_unique<Column>(Column{shown, role, {}}));
  }
  numbers_.emplace(name, number);
  return number;
}

double LogTable::step_of_current() {
  int best = -1;
  double raw = 0;
  bool new_epoch = false, has_loss = false, main = false, other = false;
  double loss = last_loss_;
  const auto rank = [this](int number) {
    const NamedRole role = columns_[static_cast<std::size_t>(number)]->role;
    return role.role == Role::step ? role.rank : 1000 + role.rank;  // a position in the epoch as a last resort
  };
  for (const Value& v : current_) {
    const Role role = columns_[static_cast<std::size_t>(v.column)]->role.role;
    has_loss |= role == Role::loss || role == Role::parameter || role == Role::unknown;
    const bool unnamed = role == Role::unknown && columns_[static_cast<std::size_t>(v.column)]->name == "column 0";
    if (role == Role::loss || (unnamed && !main)) loss = v.value;
    main |= role == Role::loss;
    other |= role == Role::other_loss;
    if ((role == Role::step || role == Role::batch) && std::isfinite(v.value)) {
      if (best < 0 || rank(v.column) < rank(best)) best = v.column, raw = v.value;
    } else if (role == Role::epoch && std::isfinite(v.value)) {
      new_epoch |= has_epoch_ && std::floor(v.value) > std::floor(epoch_);
      epoch_ = v.value;
      has_epoch_ = true;
    }
  }
  if (best < 0 && step_column_ >= 0) {  // of the last step that was named; another loss there is of a later one
    if (has_loss && loss != last_loss_ && !(std::isnan(loss) && std::isnan(last_loss_))) ++unnamed_;
    last_loss_ = loss;
    return offset_ + last_raw_ + static_cast<double>(unnamed_);
  }
  unnamed_ = 0;
  if (best < 0) return static_cast<double>(has_loss || counted_ > 0 ? counted_ : 0);
  const bool counted = has_loss || (other && !has_main_);  // as close_record does
  if (counted && step_column_ != best && (step_column_ < 0 || rank(best) < rank(step_column_))) step_column_ = best;
  // A counter that falls as the epoch rises begins anew in each epoch.
  const bool in_epoch = columns_[static_cast<std::size_t>(best)]->role.role == Role::batch;
  // Without a loss it may be the position in a validation; or the end of an epoch.
  const bool tells = main || other || (has_loss && !named_loss_);
  if (in_epoch && !tells && (raw < last_raw_ || (raw > last_raw_ && !whole_epoch_))) return offset_ + raw;
  if (whole_epoch_ && has_loss && raw == last_raw_ && loss != last_loss_) new_epoch = true;
  const bool same_place = raw == last_raw_ && (in_epoch || (main && loss != last_loss_));
  last_loss_ = loss;
  if (new_epoch && last_raw_ >= 0 && (raw < last_raw_ || same_place))
    moved_ |= whole_epoch_, offset_ += last_raw_ + (raw == 0 ? stride_ : 0);
  if (raw > last_raw_ && last_raw_ >= 0) stride_ = raw - last_raw_, moved_ = true;
  last_raw_ = raw;
  return offset_ + raw;
}

std::string LogTable::step_column() const {
  if (step_column_ >= 0 && moved_) return columns_[static_cast<std::size_t>(step_column_)]->name;
  return has_steps_ ? "step" : "";
}

void LogTable::drop_position() {
  const auto in_epoch = [this](const Value& v) {
    return columns_[static_cast<std::size_t>(v.column)]->role.role == Role::batch;
  };
  current_.erase(std::remove_if(current_.begin(), current_.end(), in_epoch), current_.end());
}

void LogTable::end_record() {
  if (!current_.empty()) close_record(step_of_current());
}

void LogTable::end_record(double step) {
  if (!current_.empty()) has_steps_ = true, close_record(step);
}

void LogTable::close_record(double step) {
  if (!(std::abs(step) <= 1e300)) step = static_cast<double>(counted_);
  bool counts = false, other = false;
  for (const Value& v : current_) {
    Column& column = *columns_[static_cast<std::size_t>(v.column)];
    const Role role = column.role.role;
    if (role == Role::step || role == Role::batch) continue;
    column.track.add(step, v.value);
    counts |= role == Role::loss || role == Role::parameter || role == Role::unknown;
    other |= role == Role::other_loss;
    named_loss_ |= role == Role::loss;
  }
  ++records_;
  has_main_ |= counts;
  if (counts || (other && !has_main_)) ++counted_;
  current_.clear();
  whole_epoch_ = false;
}

void LogTable::unread(std::string_view line) {
  int numbers = 0;
  double value = 0;
  for (std::size_t i = 0; i < std::min(line.size(), kMostLetters);) {
    const std::size_t length = read_number(line.substr(i), value);
    numbers += length > 0 ? 1 : 0;
    i += std::max<std::size_t>(length, 1);
  }
  if (numbers <= unread_numbers_) return;
  unread_numbers_ = numbers;
  unread_line_ = one_line(line.substr(0, kMostLetters / 2));
}

void LogTable::message(std::string_view line) {
  const std::string text = one_line(line.substr(0, kMostLetters));
  if (messages_.size() < 5 && std::find(messages_.begin(), messages_.end(), text) == messages_.end())
    messages_.push_back(text);
}

void LogTable::last_words(std::string_view line) {
  last_words_ = one_line(line.substr(0, kMostLetters));
  records_by_then_.clear();
  for (const auto& column : columns_) records_by_then_.push_back(column->track.records());
}

std::string LogTable::last_words(const Column& column) const {
  for (std::size_t i = 0; i < records_by_then_.size(); ++i)
    if (columns_[i].get() == &column && column.track.records() == records_by_then_[i]) return last_words_;
  return "";
}

void LogTable::remark(const std::string& text) {
  if (remarks_.size() < 20 && std::find(remarks_.begin(), remarks_.end(), text) == remarks_.end())
    remarks_.push_back(text);
}

}  // namespace etamax
