#include "etamax/diagnose/boxed_record.h"

#include <optional>

#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostLetters = 200;

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
  return from == std::string_view::npos ? std::string_view() : text.substr(from, to + 1 - from);
}

struct Row {
  std::string_view name;
  std::optional<double> value;  // none: a heading
};

/// "| name | 3.5 |", or the heading "| name/ | |".
std::optional<Row> row_of(std::string_view line) {
  if (line.size() > kMostLetters) return {};
  line = trimmed(line);
  if (line.size() < 5 || line.front() != '|' || line.back() != '|') return {};
  line = line.substr(1, line.size() - 2);
  const std::size_t bar = line.find('|');
  if (bar == std::string_view::npos || line.find('|', bar + 1) != std::string_view::npos) return {};
  Row row{trimmed(line.substr(0, bar)), {}};
  const std::string_view cell = trimmed(line.substr(bar + 1));
  if (row.name.empty() || kind_of(row.name.front()) != CharKind::letter) return {};
  if (cell.empty()) return row;
  double value = 0;
  if (!is_number(cell, value)) return {};
  row.value = value;
  return row;
}

}  // namespace

bool BoxedRecord::take(std::string_view line) {
  const std::optional<Row> row = row_of(line);
  if (!row) {
    end();
    return false;
  }
  if (!row->value) return true;
  if (row->name == first_) end();
  if (first_.empty()) first_ = row->name;
  if (const int column = table_.column(row->name); column >= 0) table_.put(column, *row->value);
  return true;
}

void BoxedRecord::end() {
  if (!first_.empty()) table_.end_record();
  first_.clear();
}

bool is_boxed(std::string_view beginning) {
  constexpr int kEnough = 3;
  int rows = 0, lines = 0;
  while (!beginning.empty()) {
    const std::size_t end = beginning.find('\n');
    const std::string_view line = beginning.substr(0, end);
    lines += trimmed(line).empty() ? 0 : 1;
    if (const auto row = row_of(line); row && row->value) ++rows;
    beginning.remove_prefix(end == std::string_view::npos ? beginning.size() : end + 1);
  }
  return rows >= kEnough && 3 * rows >= lines;
}

}  // namespace etamax
