#include "etamax/diagnose/inline_table.h"

#include <algorithm>

#include "etamax/diagnose/number.h"

namespace etamax {
namespace {

constexpr std::size_t kMostCells = 64, kMostLetters = 1000;
constexpr std::string_view kFrame = " \t*#=-+|";  // what stands around the names

std::vector<std::string_view> cells_of(std::string_view line, std::string_view separators) {
  std::vector<std::string_view> cells;
  while (cells.size() < kMostCells) {
    const std::size_t begin = line.find_first_not_of(separators);
    if (begin == std::string_view::npos) break;
    const std::size_t end = line.find_first_of(separators, begin);
    cells.push_back(line.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end);
  }
  return cells;
}

std::vector<std::string> names_of(std::string_view line) {
  if (line.find_first_of(":=(){}?!") != std::string_view::npos && line.find("==") == std::string_view::npos) return {};
  const std::size_t begin = line.find_first_not_of(kFrame);
  if (begin == std::string_view::npos) return {};
  line = line.substr(begin, line.find_last_not_of(kFrame) + 1 - begin);
  const bool marked = line.find_first_of(",;|\t") != std::string_view::npos;
  std::vector<std::string> names;
  bool loss = false;
  for (std::string_view cell : cells_of(line, marked ? ",;|\t" : " ")) {
    const std::size_t from = cell.find_first_not_of(' '), to = cell.find_last_not_of(' ');
    if (from == std::string_view::npos) return {};
    names.emplace_back(cell.substr(from, to + 1 - from));
    const Role role = role_of(names.back()).role;
    loss |= role == Role::loss || role == Role::other_loss;
  }
  return loss && names.size() >= 2 ? names : std::vector<std::string>();
}

}  // namespace

bool InlineTable::take(std::string_view line, LogTable& table) {
  if (line.size() > kMostLetters) return false;
  const std::vector<std::string_view> cells = cells_of(line, " \t,;|");
  if (cells.size() < 2) return false;
  std::vector<double> numbers;
  double value = 0;
  for (const std::string_view cell : cells)
    if (read_number(cell, value) == cell.size()) numbers.push_back(value);
  if (numbers.size() < cells.size()) {
    if (auto names = names_of(line); numbers.empty() && !names.empty()) names_ = std::move(names);
    return false;
  }
  if (numbers.size() != names_.size()) return false;
  for (std::size_t i = 0; i < numbers.size(); ++i) table.put(table.column(names_[i]), numbers[i]);
  return true;
}

}  // namespace etamax
