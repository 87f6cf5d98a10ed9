#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the tables of all verbs share: RFC 4180, a header first.
namespace etamax::detail {

class CsvTable {
 public:
  explicit CsvTable(const std::vector<std::string>& header) { row(header); }

  void row(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) text_ += (i == 0 ? "" : ",") + quoted(cells[i]);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  static std::string quoted(const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string inside = cell;
    for (std::size_t at = 0; (at = inside.find('"', at)) != std::string::npos; at += 2) inside.insert(at, 1, '"');
    return '"' + inside + '"';
  }

  std::string text_;
};

/// As few digits as read back to the same number; "inf" and "nan" are numbers of a run that failed.
inline std::string cell(double value) {
  if (std::isnan(value)) return "nan";
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}
/// Empty where there is none.
inline std::string cell(const std::optional<double>& value) { return value ? cell(*value) : ""; }

}  // namespace etamax::detail
