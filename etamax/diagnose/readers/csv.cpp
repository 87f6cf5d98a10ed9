// Comma-, semicolon-, tab- or space-separated values, with or without a header.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "etamax/core/format.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_words.h"

namespace etamax::readers {
namespace {

constexpr std::size_t kMostCells = 4096, kSampleLines = 100;
constexpr std::array<char, 5> kSeparators = {',', '\t', ';', '|', ' '};

/// Takes the next cell off `line`; quotes around it are removed, separators inside them belong to it.
std::string_view take_cell(std::string_view& line, char separator) {
  if (separator == ' ')
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  std::string_view cell;
  if (!line.empty() && line.front() == '"') {
    const std::size_t close = line.find('"', 1);
    cell = line.substr(1, close == std::string_view::npos ? close : close - 1);
    const std::size_t next = close == std::string_view::npos ? close : line.find(separator, close);
    line = next == std::string_view::npos ? std::string_view() : line.substr(next + 1);
    return cell;
  }
  const std::size_t end = line.find(separator);
  cell = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  return cell;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '#'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Between bars, cells may stand between bars too: "| 1 | 0.5 |". Spaces at the end separate nothing.
std::string_view without_ends(std::string_view line, char separator) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (separator == '|' || separator == ' ')
    while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  if (separator == '|' && line.size() > 1 && line.back() == '|') line.remove_suffix(1);
  if (separator == '|' && !line.empty() && line.front() == '|') line.remove_prefix(1);
  return line;
}

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  line = without_ends(line, separator);
  while (!line.empty() && cells.size() < kMostCells) {
    const bool ends = separator != ' ' && line.back() == separator;
    const bool last = line.find(separator) == std::string_view::npos;
    cells.push_back(trimmed(take_cell(line, separator)));
    if (last) break;
    if (ends && line.empty()) cells.emplace_back();
  }
  return cells;
}

/// An array that goes on from the line before, or the line under a header: neither is a row.
bool is_no_row(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return true;
  return (first > 0 && line[first] == '[') || line.find_first_not_of("-+=|: \t") == std::string_view::npos;
}

/// Arrays in a row are columns like others: "0 5.73 [[ 0.1 0.2]".
std::string_view without_brackets(std::string_view line, std::string& scratch) {
  if (line.find_first_of("[]") == std::string_view::npos) return line;
  scratch = line;
  std::replace_if(
      scratch.begin(), scratch.end(), [](char c) { return c == '[' || c == ']'; }, ' ');
  return scratch;
}

std::vector<std::string_view> sample_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kSampleLines) {
    const std::size_t end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos && !lines.empty() && text.size() > 4096) break;  // cut off by the sample
    if (!trimmed(line).empty() && !is_no_row(line)) lines.push_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

bool ends_in_unit(std::string_view cell) {
  return std::string_view("%GMKk").find(cell.back()) != std::string_view::npos;
}

/// A cell as a number: also "0,693", "3/100", the third of a hundred, and "2.5G" or "12%", with a unit.
bool is_number_cell(std::string_view cell, double& value) {
  if (is_number(cell, value) || (!cell.empty() && read_decimal(cell, value) == cell.size())) return true;
  const std::size_t length = read_number(cell, value);
  if (length == 0 || !std::isfinite(value)) return false;
  const std::string_view rest = cell.substr(length);
  if (rest.size() == 1) return ends_in_unit(rest);
  return rest.size() > 1 && rest.front() == '/' && rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool is_loss_column(const LogTable& table, int column) {
  const Role role = table.columns()[static_cast<std::size_t>(column)]->role.role;
  return role == Role::loss || role == Role::other_loss;
}

double parsed_share(const std::vector<std::string_view>& cells) {
  std::size_t numbers = 0, blanks = 0;
  double value = 0;
  for (const std::string_view cell : cells) {
    if (cell.empty())
      ++blanks;
    else
      numbers += is_number_cell(cell, value) ? 1 : 0;
  }
  return numbers == 0 ? 0 : static_cast<double>(numbers + blanks) / static_cast<double>(cells.size());
}

/// "Train loss: 0.31" or "loss=0.31": a number with its own name, which a cell of a table does not have.
bool is_named_number(std::string_view cell) {
  const std::size_t sign = cell.find_last_of(":=");
  if (sign == std::string_view::npos) return false;
  const std::string_view name = trimmed(cell.substr(0, sign));
  double value = 0;
  return !name.empty() && kind_of(name.back()) != CharKind::digit && is_number(trimmed(cell.substr(sign + 1)), value);
}

struct Layout {
  char separator = 0;  // 0: not of this format
  bool header = false;
  std::size_t columns = 0;
  double fit = 0;      // the share of lines that it explains
  double numbers = 0;  // the share of their cells that are numbers
};

/// `text` with spaces for brackets, where it is numbers between them: not where it is a list in words, or JSON.
std::string for_columns(std::string_view text) {
  std::string copy(text);
  if (text.find_first_of("{=:\"'") == std::string_view::npos)
    for (std::size_t i = 0; i + 1 < copy.size(); ++i)
      if (copy[i] == '[' || copy[i] == ']') {
        // An array that goes on from the line before is indented.
        const bool goes_on = i > 0 && copy[i - 1] == ' ' && (i < 2 || copy[i - 2] == '\n');
        if (!(copy[i] == '[' && goes_on)) copy[i] = ' ';
      }
  return copy;
}

/// The separator with which most lines have as many cells as the first, mostly numbers.
Layout layout_of(std::string_view beginning) {
  if (beginning.substr(0, 3) == "\xef\xbb\xbf") beginning.remove_prefix(3);
  std::vector<std::string_view> lines = sample_lines(beginning);
  Layout best;
  if (lines.empty()) return best;
  for (const char separator : kSeparators) {
    const std::vector<std::string_view> first = cells_of(lines.front(), separator);
    Layout layout{separator, false, first.size()};
    double value = 0;
    const bool names = std::none_of(first.begin(), first.end(), [&](std::string_view cell) {
      return is_number(cell, value) || cell.size() > 100 || cell.find_first_of("={") != std::string_view::npos ||
             is_named_number(cell);
    });
    if (!names && std::none_of(first.begin(), first.end(), [&](std::string_view c) { return is_number(c, value); }))
      continue;
    layout.header = names && lines.size() > 1;
    // "losses: [5, 4, 3]" alone is a list with a name.
    if (lines.size() == 1 && first.front().find_first_of(":=") != std::string_view::npos) continue;
    if (separator == ' ' && layout.header) {
      // Words in a sentence are no header: their names must be single words over as many numbers.
      if (first.size() < 2) continue;
    }
    std::size_t good = 0, rows = 0;
    for (std::size_t i = layout.header ? 1 : 0; i < lines.size(); ++i, ++rows) {
      const std::vector<std::string_view> cells = cells_of(lines[i], separator);
      const double numbers = parsed_share(cells);
      // "step 1 loss 2.5" is half numbers, too.
      const double least = layout.columns == 1 ? 1 : separator == ' ' ? 0.75 : 0.5;
      if (!layout.header && std::any_of(cells.begin(), cells.end(), is_named_number)) continue;
      if (cells.size() == layout.columns && numbers >= least) ++good, layout.numbers += numbers;
    }
    if (rows == 0) continue;
    layout.fit = static_cast<double>(good) / static_cast<double>(rows);
    layout.numbers /= static_cast<double>(std::max<std::size_t>(good, 1));
    const bool wider =
        layout.columns > best.columns || (layout.columns == best.columns && layout.numbers > best.numbers + 0.2);
    if (layout.fit > best.fit + 0.05 || (layout.fit > best.fit - 0.05 && wider && layout.fit > 0.5)) best = layout;
  }
  return best;
}

double likeness(std::string_view beginning) {
  const Layout layout = layout_of(for_columns(beginning));
  if (layout.fit <= 0.6) return 0;
  return layout.columns > 1 || layout.header ? 0.8 * layout.fit : 0.6 * layout.fit;
}

/// Names for columns without a header: the first whole-numbered one that rises is the step, the next the
/// loss.
void name_columns(std::string_view beginning, const Layout& layout, LogTable& table, std::vector<int>& columns) {
  std::vector<std::vector<double>> values(layout.columns);
  std::vector<bool> with_unit(layout.columns);  // "5.6G", of memory
  for (const std::string_view line : sample_lines(beginning)) {
    const std::vector<std::string_view> cells = cells_of(line, layout.separator);
    for (std::size_t i = 0; i < std::min(cells.size(), layout.columns); ++i)
      if (double value = 0; is_number_cell(cells[i], value)) {
        values[i].push_back(value);
        with_unit[i] = with_unit[i] || ends_in_unit(cells[i]);
      }
  }
  bool step = false, loss = false;
  for (std::size_t i = 0; i < layout.columns; ++i) {
    bool counts = values[i].size() > 1 && layout.columns > 1;
    for (std::size_t k = 0; k < values[i].size(); ++k)
      counts = counts && values[i][k] == std::floor(values[i][k]) && (k == 0 || values[i][k] > values[i][k - 1]);
    NamedRole role{Role::unknown, static_cast<int>(i)};
    if (counts && !step) {
      role = {Role::step, 0};
      step = true;
    } else if (with_unit[i]) {
      role = {Role::metric, 0};
    } else if (!loss) {
      role = {Role::unknown, 0};  // loss or iterate: its values will tell
      loss = true;
    }
    columns.push_back(table.column("column " + std::to_string(i), role));
  }
}

/// Names in two lines, one below the other: "Mini-batch", and "Loss" below it. False where the line below has numbers.
bool join_names(const std::vector<std::string_view>& below, std::vector<std::string>& names) {
  double value = 0;
  if (below.size() != names.size() || std::any_of(below.begin(), below.end(), [&](std::string_view cell) {
        return !cell.empty() && is_number_cell(cell, value);
      }))
    return false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!below[i].empty()) names[i] += (names[i].empty() ? "" : " ") + std::string(below[i]);
  return true;
}

bool any_loss(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    const Role role = role_of(name).role;
    return role == Role::loss || role == Role::other_loss;
  });
}

/// A number, also in bold type: "**1.44**".
bool is_emphasized_number(std::string_view cell, double& value) {
  while (!cell.empty() && cell.front() == '*') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == '*') cell.remove_suffix(1);
  return is_number(cell, value);
}

/// A table on its side: each row is a series, its name in the first cell, the steps in the first row.
/// "| step | 10 | 20 | 30 |", "| loss | 2.5 | 1.5 | 7.5 |".
std::vector<std::vector<std::string_view>> rows_on_their_side(std::string_view beginning) {
  constexpr std::size_t kFewest = 3;
  std::vector<std::vector<std::string_view>> rows;
  double value = 0;
  for (const std::string_view line : sample_lines(beginning)) {
    rows.push_back(cells_of(line, '|'));
    const auto& cells = rows.back();
    const auto numbers = static_cast<std::size_t>(std::count_if(
        cells.begin(), cells.end(), [&](std::string_view cell) { return is_emphasized_number(cell, value); }));
    const bool named = !cells.front().empty() && !is_emphasized_number(cells.front(), value);
    if (!named || cells.size() != rows.front().size() || numbers < kFewest || 2 * numbers < cells.size()) return {};
  }
  return rows.size() >= 2 && role_of(rows.front().front()).role == Role::step
             ? rows
             : std::vector<std::vector<std::string_view>>();
}

void put_on_end(const std::vector<std::vector<std::string_view>>& rows, LogTable& table) {
  std::vector<int> columns;
  for (const auto& cells : rows) columns.push_back(table.column(cells.front()));
  for (std::size_t i = 1; i < rows.front().size(); ++i) {
    double value = 0;
    if (!is_emphasized_number(rows.front()[i], value)) continue;  // "...", "mean"
    for (std::size_t k = 0; k < rows.size(); ++k)
      if (is_emphasized_number(rows[k][i], value)) table.put(columns[k], value);
    table.end_record();
  }
}

void read(ByteSource& bytes, LogTable& table) {
  const std::string beginning = for_columns(beginning_of(bytes));
  LineSource lines(bytes);
  std::string_view line;
  if (const auto rows = rows_on_their_side(beginning);
      !rows.empty() && bytes.peek(beginning.size() + 1).size() == beginning.size()) {
    put_on_end(rows, table);
    while (lines.next(line)) continue;  // all of it has been read
    return;
  }
  Layout layout = layout_of(beginning);
  if (layout.separator == 0) layout.separator = ',';
  std::vector<int> columns;
  std::vector<std::string> names;
  const bool single_row = !layout.header && layout.columns > 2 && sample_lines(beginning).size() == 1 &&
                          bytes.peek(beginning.size() + 1).size() == beginning.size();
  if (!layout.header && !single_row) name_columns(beginning, layout, table, columns);
  std::string scratch;
  bool first = true;
  long odd = 0, odd_cells = 0;
  std::string odd_cell;
  while (lines.next(line)) {
    if (first && line.substr(0, 3) == "\xef\xbb\xbf") line.remove_prefix(3);
    if (line.empty() || is_no_row(line)) continue;
    const std::string_view whole = without_ends(line, layout.separator);
    line = without_ends(without_brackets(line, scratch), layout.separator);
    if (single_row) {  // a series on one line: "-1, 1.2, -1.44"
      const int column = table.column("values", {Role::unknown, 0});
      for (std::string_view rest = line; !rest.empty();)
        if (double value = 0; is_number(trimmed(take_cell(rest, layout.separator)), value))
          table.put(column, value), table.end_record();
      continue;
    }
    if (first && line.size() > kMostCells &&
        static_cast<std::size_t>(std::count(line.begin(), line.end(), layout.separator)) >= kMostCells)
      table.remark("a row has more than " + std::to_string(kMostCells) + " cells; the rest of it was left out");
    if (first && layout.header) {
      // Brackets in a name are its own.
      const bool named = cells_of(whole, layout.separator).size() == layout.columns;
      for (const std::string_view cell : cells_of(named ? whole : line, layout.separator)) names.emplace_back(cell);
      first = false;
      continue;
    }
    first = false;
    if (columns.empty()) {
      const bool split = layout.separator == '|' || (layout.separator == ' ' && !any_loss(names));
      if (split && join_names(cells_of(line, layout.separator), names)) continue;
      for (const std::string& name : names) columns.push_back(name.empty() ? -1 : table.column(name));
    }
    bool any = false;
    std::string_view rest = line;
    for (std::size_t i = 0; i < columns.size() && !rest.empty(); ++i) {
      if (columns[i] < 0) {
        take_cell(rest, layout.separator);
        continue;
      }
      double value = 0;
      // A number in plain sight, else a quoted or padded one.
      const std::size_t length = read_number(rest, value);
      if (length > 0 && length < rest.size() && rest[length] == layout.separator) {
        rest.remove_prefix(length + 1);
      } else if (length > 0 && length == rest.size()) {
        rest = {};
      } else if (const std::string_view cell = trimmed(take_cell(rest, layout.separator));
                 !is_number_cell(cell, value)) {
        if (is_loss_column(table, columns[i]) && cell.find_first_of("0123456789") != std::string_view::npos)
          if (odd_cells++ == 0) odd_cell = one_line(cell.substr(0, LogTable::kMostLetters));
        continue;
      }
      table.put(columns[i], value);
      any = true;
    }
    if (any)
      table.end_record();
    else
      ++odd;
  }
  if (odd > 0)
    table.remark(std::to_string(odd) + (odd == 1 ? " line holds" : " lines hold") + " no number of a known column");
  if (odd_cells > 0)
    table.remark(fmt::format("{} of a loss {} no number, such as '{}', and {} left out",
                             odd_cells == 1 ? "a cell" : std::to_string(odd_cells) + " cells",
                             odd_cells == 1 ? "is" : "are", odd_cell, odd_cells == 1 ? "was" : "were"));
  if (lines.cut_lines() > 0) table.remark("a line is longer than a mebibyte; the rest of it was left out");
}

}  // namespace

FormatSpec csv() {
  return {"csv", "comma-, tab-, semicolon- or space-separated values, with or without a header", likeness, read};
}

}  // namespace etamax::readers
