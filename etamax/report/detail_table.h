#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

namespace etamax {

/// Rows of texts for a terminal, the names of the columns first, each column as wide as its widest cell; "" where there
/// are none.
template <typename Row>
std::string table_text(const std::vector<Row>& rows) {
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) line += " " + row[i] + std::string(widths[i] - row[i].size() + 1, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

/// The same for a page, in a section of that heading.
std::string html_table(const std::string& heading, const std::vector<std::vector<std::string>>& rows);
template <typename Row>
std::string html_table(const std::string& heading, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells;
  for (const Row& row : rows) cells.emplace_back(row.begin(), row.end());
  return html_table(heading, cells);
}

}  // namespace etamax
