#include "etamax/files/numeric_table.h"

#include <charconv>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

std::string_view trimmed(std::string_view field) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!field.empty() && blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && blank(field.back())) field.remove_suffix(1);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  return field;
}

bool read(std::string_view field, double& value) {
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

/// Calls `use` with each field of a line and its number from 0.
template <typename Use>
std::size_t split(std::string_view line, Use use) {
  std::size_t column = 0;
  for (std::size_t from = 0;; ++column) {
    const std::size_t comma = std::min(line.find(',', from), line.size());
    use(column, trimmed(line.substr(from, comma - from)));
    if (comma == line.size()) return column + 1;
    from = comma + 1;
  }
}

}  // namespace

NumericTable read_numeric_csv(const std::string& source, std::string_view text, bool first_line_is_header) {
  NumericTable table;
  std::size_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark is no part of the first field
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    from = end + 1;
    ++number;
    if (trimmed(line).empty()) continue;
    if (table.columns == 0) {
      std::vector<std::string> names;
      bool numbers = !first_line_is_header;
      table.columns = split(line, [&](std::size_t, std::string_view field) {
        double value = 0;
        numbers = numbers && read(field, value);
        names.emplace_back(field);
      });
      if (!numbers) {
        table.names = std::move(names);
        continue;
      }
    }
    const std::size_t columns = split(line, [&](std::size_t column, std::string_view field) {
      double value = 0;
      if (!read(field, value))
        throw InputError(source + ": line " + std::to_string(number) + ", column " + std::to_string(column + 1) +
                         ": '" + printable(field) + "' is not a number");
      table.values.push_back(value);
    });
    if (columns != table.columns)
      throw InputError(source + ": line " + std::to_string(number) + " has " + std::to_string(columns) +
                       " columns, not " + std::to_string(table.columns));
  }
  if (table.rows() == 0) throw InputError(source + ": has no rows of numbers");
  return table;
}

}  // namespace etamax
