#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/core/decimal.h"
#include "etamax/core/format.h"

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
  for (const int digits : {15, 16})
    if (std::string text = format_number(value, digits); decimal_value(text) == value) return text;
  return std::isnan(value) ? "nan" : format_number(value, 17);
}
/// Empty where there is none.
inline std::string cell(const std::optional<double>& value) { return value ? cell(*value) : ""; }

}  // namespace etamax::detail
