#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace etamax {

/// Numbers in rows of one length, with the column names where the first line has any.
struct NumericTable {
  std::vector<std::string> names;
  std::size_t columns = 0;
  std::vector<double> values;  ///< row after row
  /// Of the column that may hold words, where it does: the different ones, sorted. A value there is the number of its
  /// word among them, from 0.
  std::vector<std::string> classes;
  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

/// Which column may hold words in place of numbers, throughout: from their number and the fields of the first line.
/// That number itself: none. May throw InputError.
using WordColumn = std::function<std::size_t(std::size_t columns, const std::vector<std::string>& first_line)>;

/// Reads lines of numbers between commas; or between semicolons or tabs, where the first line has them. A first line
/// that is not all numbers gives the names, unless only its word is none and occurs again below. Blank lines are passed
/// over, quotes around a field are dropped, and within them (RFC 4180) every second one; line breaks there end the
/// line all the same. Throws InputError with `source`, line, column and reason; among others
/// where a value is missing.
NumericTable read_numeric_csv(const std::string& source, std::string_view text, const WordColumn& word_column = {});

}  // namespace etamax
