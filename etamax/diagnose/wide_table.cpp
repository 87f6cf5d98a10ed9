#include "etamax/diagnose/wide_table.h"

#include <algorithm>
#include <optional>

#include "etamax/diagnose/inline_table.h"
#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostLetters = 1000, kFewestNames = 3;

bool is_loss(Role role) { return role == Role::loss || role == Role::other_loss; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct Cell {
  std::string_view text;
  std::size_t begin, end;
};

/// What stands two spaces, a tab or a bracket's end apart.
std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  for (std::size_t at = 0; at < line.size();) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < line.size() && line[end] != '\t' &&
           !(line[end] == ' ' && (end + 1 == line.size() || is_blank(line[end + 1]))))
      ++end;
    cells.push_back({line.substr(at, end - at), at, end});
    at = end;
  }
  return cells;
}

/// The sum of "[0.1, 0.2]"; none of an empty list, or of what is no list of numbers.
std::optional<double> sum_of_list(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '[' || cell.back() != ']') return {};
  cell = cell.substr(1, cell.size() - 2);
  double sum = 0, value = 0;
  std::size_t count = 0;
  while (!cell.empty()) {
    const std::size_t from = cell.find_first_not_of(" ,");
    if (from == std::string_view::npos) break;
    const std::size_t length = read_number(cell.substr(from), value);
    if (length == 0) return {};
    sum += value, ++count;
    cell.remove_prefix(from + length);
  }
  return count > 0 ? std::optional<double>(sum) : std::nullopt;
}

/// "0.31", "[0.1, 0.2]"; of a column that holds no loss "100 (0.33%)" and "25.5 ms", too.
std::optional<double> value_of(std::string_view cell, bool loss) {
  if (const auto sum = sum_of_list(cell)) return sum;
  double value = 0;
  const std::size_t length = read_number(cell, value);
  if (length == 0 || (length < cell.size() && (loss || kind_of(cell[length]) == CharKind::digit))) return {};
  return value;
}

}  // namespace

void WideTable::take_names(std::string_view line) {
  if (line.size() > kMostLetters) return;
  const std::vector<Cell> cells = cells_of(line);
  if (cells.size() < kFewestNames) return;  // before what takes time: a log may have millions of such lines
  std::vector<Name> names;
  bool loss = false;
  for (const Cell& cell : cells) {
    if (cell.text.find_first_of(":={}?!") != std::string_view::npos) return;
    double value = 0;
    if (read_number(cell.text, value) > 0) return;
    const NamedRole role = cell.text == "#" ? NamedRole{Role::step, 9} : role_of(cell.text);
    loss |= is_loss(role.role);
    names.push_back({std::string(cell.text), role, cell.begin, cell.end});
  }
  if (loss) names_ = std::move(names);
}

int WideTable::take_row(std::string_view line, LogTable& table) const {
  if (names_.empty() || line.size() > kMostLetters) return kNoColumn;
  const std::vector<Cell> cells = cells_of(line);
  if (cells.size() < 2 || cells.size() > names_.size()) return kNoColumn;
  const Role leads = names_.front().role.role;
  const bool whole = cells.size() == names_.size() && (leads == Role::epoch || leads == Role::step);
  if (whole && !value_of(cells.front().text, false)) return kNoColumn;  // a word where a count belongs: another table's
  std::vector<std::pair<const Name*, double>> row;
  bool loss = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    // Where cells are missing, the others stand below the beginning or the end of their names.
    const auto name = cells.size() == names_.size() ? names_.begin() + static_cast<std::ptrdiff_t>(i)
                                                    : std::find_if(names_.begin(), names_.end(), [&](const Name& n) {
                                                        return n.begin == cells[i].begin || n.end == cells[i].end;
                                                      });
    if (name == names_.end()) return kNoColumn;
    const auto value = value_of(cells[i].text, is_loss(name->role.role));
    if (!value) continue;
    row.push_back({&*name, *value});
    loss |= is_loss(name->role.role);
  }
  if (!loss) return kNoColumn;
  int first = kNoColumn;
  for (const auto& [name, value] : row) {
    const int column = table.column(name->text, name->role);
    table.put(column, value);
    if (is_loss(name->role.role) && first == kNoColumn) first = column;
  }
  return first;
}

int take_lists(std::string_view line, LogTable& table) {
  const std::vector<Cell> cells = cells_of(line.substr(0, kMostLetters));
  double step = 0;
  if (cells.size() < 2 || read_number(cells[0].text, step) != cells[0].text.size()) return kNoColumn;
  if (cells[0].text.find('.') != std::string_view::npos) return kNoColumn;
  std::vector<double> sums;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const auto sum = sum_of_list(cells[i].text);
    if (!sum && cells[i].text != "[]") return kNoColumn;
    if (sum) sums.push_back(*sum);
  }
  if (sums.empty()) return kNoColumn;
  table.put(table.column("step", {Role::step, 0}), step);
  const auto column = [&](std::size_t i) {
    const Role role = i == 0 ? Role::loss : Role::other_loss;
    return table.column("list " + std::to_string(i), {role, 20 + static_cast<int>(i)});
  };
  for (std::size_t i = 0; i < sums.size(); ++i) table.put(column(i), sums[i]);
  table.remark("no name says what the lists in brackets are: the sum of the first is taken for the loss");
  return column(0);
}

}  // namespace etamax
