#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etamax/core/decimal.h"

/// What the tables of all verbs share: RFC 4180, a header first.
namespace etamax::detail {

class CsvTable {
 public:
  explicit CsvTable(const std::vector<std::string>& header) { row(header); }

  void row(const std::vector<std::string>& cells) { add_row(cells); }
  void row(std::initializer_list<std::string_view> cells) { add_row(cells); }
  std::string take() { return std::move(text_); }

 private:
  template <typename Cells>
  void add_row(const Cells& cells) {
    bool first = true;
    for (const std::string_view cell : cells) {
      if (!std::exchange(first, false)) text_ += ',';
      add(cell);
    }
    text_ += "\r\n";
  }

  void add(std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
      text_ += cell;
      return;
    }
    text_ += '"';
    for (const char c : cell) text_.append(c == '"' ? 2 : 1, c);
    text_ += '"';
  }

  std::string text_;
};

/// "inf" and "nan" are numbers of a run that failed.
inline std::string cell(double value) { return decimal_text(value); }
/// Empty where there is none.
inline std::string cell(const std::optional<double>& value) { return value ? cell(*value) : ""; }

}  // namespace etamax::detail
