#include "etamax/diagnose/inline_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "etamax/diagnose/number.h"

namespace etamax {
namespace {

constexpr std::size_t kMostCells = 64, kMostLetters = 1000;
constexpr std::string_view kFrame = " \t*#=-+|";  // what stands around the names
constexpr std::string_view kDigits = "0123456789";

bool is_loss(Role role) { return role == Role::loss || role == Role::other_loss; }

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t");
  return from == std::string_view::npos ? std::string_view() : text.substr(from, to + 1 - from);
}

std::vector<std::string_view> cells_of(std::string_view line, std::string_view separators) {
  std::vector<std::string_view> cells;
  while (cells.size() < kMostCells) {
    const std::size_t begin = line.find_first_not_of(separators);
    if (begin == std::string_view::npos) break;
    const std::size_t end = line.find_first_of(separators, begin);
    if (const std::string_view cell = trimmed(line.substr(begin, end - begin)); !cell.empty()) cells.push_back(cell);
    if (end == std::string_view::npos) break;
    line.remove_prefix(end);
  }
  return cells;
}

/// A slash between spaces separates; one inside a cell belongs to it.
std::string with_bars(std::string_view line) {
  std::string copy(line);
  for (std::size_t at = 0; (at = copy.find(" / ", at)) != std::string::npos; at += 2) copy[at + 1] = '|';
  return copy;
}

/// "0.31", "32/4999", "5.6G", "640:" before a bar.
bool is_cell(std::string_view cell, double& value) {
  const std::size_t length = read_number(cell, value);
  const std::string_view rest = cell.substr(length);
  if (length == 0 || rest.empty()) return length > 0;
  if (rest.front() == '/') return rest.size() > 1 && rest.find_first_not_of(kDigits, 1) == std::string_view::npos;
  return rest.size() == 1 && std::string_view(":GMKk").find(rest.front()) != std::string_view::npos;
}

/// The role of a name in a table: "total" is the sum of the losses before it.
NamedRole role_in_table(std::string_view name) {
  constexpr int kTotal = 1;
  return name == "total" ? NamedRole{Role::loss, kTotal} : role_of(name);
}

std::vector<std::string> names_of(std::string_view line) {
  if (line.find_first_of(":=(){}?!") != std::string_view::npos && line.find("==") == std::string_view::npos) return {};
  const std::size_t begin = line.find_first_not_of(kFrame);
  if (begin == std::string_view::npos) return {};
  line = line.substr(begin, line.find_last_not_of(kFrame) + 1 - begin);
  const bool marked = line.find_first_of(",;|\t") != std::string_view::npos;
  const std::vector<std::string_view> cells = cells_of(line, marked ? ",;|\t" : " ");
  if (cells.size() < 2) return {};  // before what takes time: a log may have millions of such lines
  const bool loss = std::any_of(cells.begin(), cells.end(), [&](std::string_view cell) {
    return is_loss(role_of(cell).role) || (cell == "total" && role_of(cells.front()).role == Role::epoch);
  });
  return loss ? std::vector<std::string>(cells.begin(), cells.end()) : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> InlineTable::joined_with_line_before(std::string_view line) const {
  constexpr std::size_t kFewest = 4;
  if (before_.find("  ") == std::string::npos || line.find_first_of(",;|\t:=") != std::string_view::npos) return {};
  const std::vector<std::string_view> above = cells_of(before_, " "), below = cells_of(line, " ");
  if (above.size() != below.size() || above.size() < kFewest) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < above.size(); ++i) {
    // Each word stands, in part at least, above its own.
    const auto from = static_cast<std::size_t>(above[i].data() - before_.data());
    const auto to = static_cast<std::size_t>(below[i].data() - line.data());
    if (from >= to + below[i].size() || to >= from + above[i].size()) return {};
    if (is_loss(role_of(above[i]).role)) return {};  // it is a line of names itself
    names.push_back(std::string(above[i]) + " " + std::string(below[i]));
  }
  const bool loss =
      std::any_of(names.begin(), names.end(), [](const auto& name) { return is_loss(role_of(name).role); });
  return loss ? names : std::vector<std::string>();
}

void InlineTable::take_names(std::string_view line) {
  if (line.size() > kMostLetters) return;
  double value = 0;
  const std::string barred = with_bars(line);
  const std::vector<std::string_view> cells = cells_of(barred, " \t,;|");
  if (std::any_of(cells.begin(), cells.end(), [&](std::string_view c) { return read_number(c, value) == c.size(); }))
    return before_.clear();
  auto names = joined_with_line_before(line);
  if (names.empty()) names = names_of(barred);
  before_ = line;
  if (!names.empty()) names_ = std::move(names);
}

int InlineTable::take_row(std::string_view line, LogTable& table) {
  if (names_.empty() || line.size() > kMostLetters) return kNoColumn;
  const std::string barred = with_bars(line);
  if (barred.find('|') != std::string::npos)
    if (const int loss = put(cells_of(barred, "|"), table); loss != kNoColumn) return loss;
  return put(cells_of(barred, " \t,;|"), table);
}

std::optional<double> loss_of_bar_row(std::string_view line) {
  constexpr std::size_t kFewestLosses = 2;
  if (line.size() > kMostLetters) return {};
  const std::vector<std::string_view> cells = cells_of(line, " \t");
  double value = 0;
  if (cells.size() < 6 || !is_cell(cells[0], value) || cells[0].find('/') == std::string_view::npos) return {};
  if (!is_cell(cells[1], value) || cells[1].back() != 'G') return {};
  std::vector<double> losses;
  std::size_t i = 2;
  for (; i < cells.size() && read_number(cells[i], value) == cells[i].size(); ++i) {
    if (std::isfinite(value) && cells[i].find_first_not_of(kDigits) == std::string_view::npos) break;
    losses.push_back(value);
  }
  while (i < cells.size() && cells[i].find_first_not_of(kDigits) == std::string_view::npos) ++i;
  if (losses.size() < kFewestLosses || i == cells.size() || !is_cell(cells[i], value) || cells[i].back() != ':')
    return {};
  constexpr double kRounding = 0.01;
  const double sum = std::accumulate(losses.begin(), losses.end(), 0.0), last = losses.back();
  return std::isfinite(sum) && std::abs(sum - 2 * last) <= kRounding * last ? last : sum;
}

int InlineTable::put(const std::vector<std::string_view>& cells, LogTable& table) {
  double value = 0;
  std::size_t first = 0;
  const bool labels = !is_loss(role_of(names_[0]).role) && !begins_with_epoch();
  if (!cells.empty() && !is_cell(cells[0], value) && labels) first = 1;
  std::vector<double> numbers;
  for (std::size_t i = first; i < cells.size() && is_cell(cells[i], value); ++i) numbers.push_back(value);
  // More than numbers may follow, such as a time or a bar; a label stands before a whole row.
  if (numbers.size() + first != names_.size() || (first > 0 && cells.size() != names_.size())) return kNoColumn;
  int loss = kNoColumn;
  for (std::size_t i = first; i < names_.size(); ++i) {
    const std::string name = first > 0 ? std::string(cells[0]) + " " + names_[i] : names_[i];
    const NamedRole role = first > 0 ? role_of(name) : role_in_table(name);
    const int column = table.column(name, role);
    table.put(column, numbers[i - first]);
    if (is_loss(role.role) && loss == kNoColumn) loss = column;
  }
  return loss;
}

int take_bar_row(std::string_view line, LogTable& table) {
  const auto loss = loss_of_bar_row(line);
  if (!loss) return kNoColumn;
  const int column = table.column("column 0", {Role::unknown, 0});
  table.put(column, *loss);
  table.remark("no name says what its numbers are: the sum of those behind the memory is taken for the loss");
  return column;
}

int take_list(std::string_view line, LogTable& table) {
  constexpr std::size_t kFewest = 3;
  line = trimmed(line);
  const std::size_t open = line.rfind('[');
  if (line.empty() || line.back() != ']' || open == std::string_view::npos || line.size() - open > kMostLetters)
    return kNoColumn;
  if (open > 0 && std::string_view(" \t:").find(line[open - 1]) == std::string_view::npos) return kNoColumn;
  std::vector<double> numbers;
  for (const std::string_view cell : cells_of(line.substr(open + 1, line.size() - open - 2), ",")) {
    double value = 0;
    if (read_number(cell, value) != cell.size()) return kNoColumn;
    numbers.push_back(value);
  }
  if (numbers.size() < kFewest) return kNoColumn;
  const auto column = [&](std::size_t i) {
    return table.column("column " + std::to_string(i), {Role::unknown, static_cast<int>(i)});
  };
  for (std::size_t i = 0; i < numbers.size(); ++i) table.put(column(i), numbers[i]);
  return column(0);
}

}  // namespace etamax
