#include "etamax/diagnose/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"

namespace etamax {
namespace {

constexpr std::size_t kMostListed = 12;

/// Numbers that hop from side to side, or run off below zero, as iterates do and losses do not.
bool look_like_iterates(const Track& track) {
  constexpr double kFar = 1e6;
  double low = INFINITY, high = -INFINITY;
  for (const LogSeries::Sample& s : track.samples()) {
    if (!std::isfinite(s.value)) continue;
    low = std::min(low, s.low), high = std::max(high, s.high);
  }
  return low < 0 && (high > 0 || low < kFar * high);
}

/// The column of a role with the best name, of those with so many records; of equal names the one with the most.
const LogTable::Column* best_of(const LogTable& table, Role role, long fewest = 1) {
  const LogTable::Column* best = nullptr;
  for (const auto& column : table.columns()) {
    if (column->role.role != role || column->track.records() < fewest) continue;
    if (best == nullptr || column->role.rank < best->role.rank ||
        (column->role.rank == best->role.rank && column->track.records() > best->track.records()))
      best = column.get();
  }
  return best;
}

/// Of the columns without names the one that may be a loss, or an iterate.
const LogTable::Column* unnamed_column(const LogTable& table) {
  const LogTable::Column* best = nullptr;
  for (const auto& column : table.columns()) {
    const bool unnamed = column->name.substr(0, 7) == "column " || column->name == "values";
    if (!unnamed || column->role.role != Role::unknown || column->track.records() == 0) continue;
    if (best == nullptr || column->role.rank < best->role.rank) best = column.get();
  }
  return best;
}

/// A column "learn", "train", or "val", "Valid (%)": of what, its name does not say.
const LogTable::Column* unnamed_measure(const LogTable& table) {
  constexpr std::string_view kNames[] = {"learn", "train", "val", "valid", "validation"};
  const LogTable::Column* best = nullptr;
  std::size_t place = std::size(kNames);
  for (const auto& column : table.columns()) {
    std::string name;
    for (const char c : column->name)
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) name += static_cast<char>(c | 0x20);
    const auto at = static_cast<std::size_t>(std::find(std::begin(kNames), std::end(kNames), name) - kNames);
    if (at < place && column->track.records() > 0) best = column.get(), place = at;
  }
  return best;
}

/// The only column of which nothing is known, where no other name stands beside it than of a counter: "{'ner': 117.4}".
const LogTable::Column* only_column(const LogTable& table) {
  const LogTable::Column* only = nullptr;
  for (const auto& column : table.columns()) {
    const Role role = column->role.role;
    if (role == Role::step || role == Role::batch || role == Role::epoch || role == Role::time) continue;
    if (role == Role::unknown && column->track.records() == 0) continue;  // of words
    if (role == Role::parameter && column->track.records() < 2) continue;
    if (only != nullptr || role != Role::unknown || column->track.records() < 2) return nullptr;
    only = column.get();
  }
  const auto unknown = [](const std::string& name) { return role_of(name).role == Role::unknown; };
  const auto words = std::count_if(table.columns().begin(), table.columns().end(), [](const auto& column) {
    return column->role.role == Role::unknown && column->track.records() == 0;
  });
  const auto others = std::count_if(table.names().begin(), table.names().end(), unknown) - words;
  return others == 1 ? only : nullptr;
}

/// That some of its names are known, of steps or of what is logged beside a loss.
bool is_log(const LogTable& table) {
  return std::any_of(table.names().begin(), table.names().end(), [](const std::string& name) {
    const Role role = role_of(name).role;
    return role != Role::unknown && role != Role::time;
  });
}

[[noreturn]] void refuse_column(const char* option, const std::string& wanted, const LogTable& table,
                                const std::string& log) {
  const std::string near = closest(wanted, table.names());
  throw InputError(option, fmt::format("'{}' has no column of numbers '{}'; {}", log, wanted,
                                       near.empty() || near == wanted ? "it has " + list_of(table.names(), kMostListed)
                                                                      : "did you mean '" + near + "'?"));
}

}  // namespace

void check_step_column(const LogTable& table, const std::string& wanted, const std::string& log) {
  const auto& names = table.names();
  if (wanted.empty() || wanted == table.step_column() || names.size() >= LogTable::kMostNames) return;
  if (std::find(names.begin(), names.end(), wanted) == names.end()) refuse_column("step_column", wanted, table, log);
}

ChosenColumns choose_columns(const LogTable& table, const std::string& wanted, const std::string& variable,
                             const std::string& log) {
  ChosenColumns chosen;
  if (table.names().empty())
    throw InputError(
        fmt::format("'{}' holds no numbers with names; a log has lines such as 'step 1: loss = 0.63', or columns{}",
                    log, table.unread_line().empty() ? "" : "; most like a record is '" + table.unread_line() + "'"));
  for (const auto& column : table.columns())
    if ((!wanted.empty() && column->name == wanted) ||
        (wanted.empty() && !variable.empty() && column->name == variable))
      if (column->track.records() > 0) chosen.main = column.get();
  if (!wanted.empty() && chosen.main == nullptr) refuse_column("column", wanted, table, log);
  constexpr long kCourse = 2;  // a single loss is none, and a single parameter is a setting that the program prints
  for (const long fewest : {kCourse, 1L})
    for (const Role role : {Role::loss, Role::other_loss})
      if (chosen.main == nullptr && variable.empty()) chosen.main = best_of(table, role, fewest);
  if (chosen.main == nullptr) chosen.main = best_of(table, Role::parameter, kCourse);
  if (chosen.main == nullptr) chosen.main = unnamed_column(table);
  if (chosen.main == nullptr && variable.empty()) chosen.main = unnamed_measure(table);
  if (chosen.main == nullptr && variable.empty()) {
    chosen.main = only_column(table);
    chosen.assumed = chosen.main != nullptr;
  }
  if (chosen.main == nullptr)
    for (const auto& column : table.columns())
      if (column->role.role == Role::loss && column->track.records() == 0)
        throw InputError(fmt::format("'{}': the column '{}' holds no numbers", log, column->name));
  if (chosen.main == nullptr && variable.empty() && is_log(table)) return chosen;
  if (chosen.main == nullptr)
    throw InputError(
        fmt::format("'{}' has no column that looks like a {}; it has {}; choose one with `column`{}", log,
                    variable.empty() ? "loss" : "parameter", list_of(table.names(), kMostListed),
                    table.unread_line().empty() ? "" : "; most like a record is '" + table.unread_line() + "'"));
  const Role role = chosen.main->role.role;
  chosen.iterates = !variable.empty() ||
                    ((role == Role::parameter || role == Role::unknown) && look_like_iterates(chosen.main->track));
  chosen.learning_rate = best_of(table, Role::learning_rate);
  chosen.gradient_norm = best_of(table, Role::gradient_norm);
  chosen.loss_scale = best_of(table, Role::loss_scale);
  chosen.weight_norm = best_of(table, Role::weight_norm);
  chosen.throughput = best_of(table, Role::throughput);
  chosen.accuracy = best_of(table, Role::accuracy);
  chosen.epoch = best_of(table, Role::epoch);
  return chosen;
}

}  // namespace etamax
