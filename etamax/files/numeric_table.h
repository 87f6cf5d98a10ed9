#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace etamax {

/// Numbers in rows of one length, with the column names where the first line has any.
struct NumericTable {
  std::vector<std::string> names;
  std::size_t columns = 0;
  std::vector<double> values;  ///< row after row
  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

/// Reads comma-separated numbers; a first line that is not all numbers gives the names. Blank lines are
/// passed over, quotes around a field are dropped. Throws InputError with `source`, line, column and reason.
NumericTable read_numeric_csv(const std::string& source, std::string_view text, bool first_line_is_header = false);

}  // namespace etamax
