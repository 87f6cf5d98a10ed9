#include "etamax/files/numeric_table.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <optional>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

constexpr std::string_view kMissing[] = {"", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"};

std::string_view without_blanks(std::string_view field) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!field.empty() && blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && blank(field.back())) field.remove_suffix(1);
  return field;
}

bool is_quoted(std::string_view field) { return field.size() >= 2 && field.front() == '"' && field.back() == '"'; }

/// What a field in quotes holds: each quote in it stands there twice (RFC 4180).
std::string between_quotes(std::string_view field) {
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"' && i + 2 < field.size() && field[i + 1] == '"') ++i;
  }
  return text;
}

bool read(std::string_view field, double& value) {
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

bool is_number(std::string_view field) {
  double value = 0;
  return read(field, value);
}

/// The quote that closes a field in quotes, where a quote that stands twice is part of it (RFC 4180).
std::size_t closing_quote(std::string_view line, std::size_t opening) {
  std::size_t closing = line.find('"', opening + 1);
  while (closing < line.size() && line.substr(closing).starts_with("\"\"")) closing = line.find('"', closing + 2);
  return closing;
}

/// Where the field that begins at `from` ends. A separator between quotes is part of it.
std::size_t end_of_field(std::string_view line, std::size_t from, char separator) {
  std::size_t at = line.find_first_not_of(' ', from);
  if (at < line.size() && line[at] == '"') {
    const std::size_t closing = closing_quote(line, at);
    if (closing != line.npos) from = closing;
  }
  return std::min(line.find(separator, from), line.size());
}

/// `unquoted` keeps those fields that are not as they stand in the line.
std::vector<std::string_view> fields_of(std::string_view line, char separator, std::deque<std::string>& unquoted) {
  std::vector<std::string_view> fields;
  for (std::size_t from = 0;;) {
    const std::size_t end = end_of_field(line, from, separator);
    std::string_view field = without_blanks(line.substr(from, end - from));
    if (is_quoted(field)) field = unquoted.emplace_back(between_quotes(field));
    fields.push_back(field);
    if (end == line.size()) return fields;
    from = end + 1;
  }
}

bool stands_outside_quotes(std::string_view line, char mark) {
  bool field_begins = true;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == mark) return true;
    const bool opens = field_begins && c == '"';
    if (const std::size_t closing = opens ? closing_quote(line, i) : line.npos; closing != line.npos) i = closing;
    field_begins = c == ',' || c == ';' || c == '\t' || (c == ' ' && field_begins);
  }
  return false;
}

/// Tables with decimal commas have semicolons or tabs between their fields.
char separator_of(std::string_view first_line) {
  for (const char separator : {';', '\t'})
    if (stands_outside_quotes(first_line, separator)) return separator;
  return ',';
}

class Reader {
 public:
  Reader(const std::string& source, const WordColumn& word_column) : source_(source), word_column_(word_column) {}

  void line(std::size_t number, std::string_view text) {
    if (table_.columns == 0) separator_ = separator_of(text);
    unquoted_.clear();
    const std::vector<std::string_view> fields = fields_of(text, separator_, unquoted_);
    if (table_.columns == 0 && begin(fields)) return;
    if (fields.size() != table_.columns)
      throw InputError(source_ + ": line " + std::to_string(number) + " has " + std::to_string(fields.size()) +
                       " columns, not " + std::to_string(table_.columns));
    add(number, fields);
  }

  NumericTable table() && {
    // What looked like names is a row, where its word is one of those below.
    if (!table_.names.empty() && names_may_be_row_ && words_.contains(table_.names[*may_be_words_])) {
      std::vector<double> values;
      for (std::size_t i = 0; i < table_.columns; ++i) {
        double value = 0;
        if (i == *may_be_words_)
          value = words_.at(table_.names[i]);
        else
          read(table_.names[i], value);
        values.push_back(value);
      }
      table_.values.insert(table_.values.begin(), values.begin(), values.end());
      table_.names.clear();
    }
    if (table_.rows() == 0) throw InputError(source_ + ": has no rows of numbers");
    number_classes();
    return std::move(table_);
  }

 private:
  /// Whether the first line is no row, but names.
  bool begin(const std::vector<std::string_view>& fields) {
    table_.columns = fields.size();
    const std::vector<std::string> names(fields.begin(), fields.end());
    if (word_column_) may_be_words_ = word_column_(fields.size(), names);
    if (std::all_of(fields.begin(), fields.end(), is_number)) return false;
    names_may_be_row_ = may_be_words_.has_value();
    for (std::size_t i = 0; i < fields.size(); ++i)
      names_may_be_row_ = names_may_be_row_ && (i == *may_be_words_) != is_number(fields[i]);
    table_.names = names;
    return true;
  }

  void add(std::size_t line, const std::vector<std::string_view>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string_view field = fields[i];
      if (std::find(std::begin(kMissing), std::end(kMissing), field) != std::end(kMissing))
        throw refusal(line, i,
                      (field.empty() ? "" : "'" + printable(field) + "': ") +
                          "a value is missing; fill it in, or leave the line out");
      double value = 0;
      const bool number = read(field, value), word = i == may_be_words_ && has_words(line, number);
      if (word && number)
        throw refusal(
            line, i,
            "'" + printable(field) + "' is a number, but line " + std::to_string(first_row_) + " has a word there");
      if (word)
        value = words_.emplace(std::string(field), static_cast<double>(words_.size())).first->second;
      else if (!number)
        throw refusal(line, i,
                      "'" + printable(field) + "' is not a number" +
                          (field.find(',') != field.npos ? "; decimals have a point" : ""));
      table_.values.push_back(value);
    }
  }

  /// As the first row has it.
  bool has_words(std::size_t line, bool number) {
    if (first_row_ == 0) {
      first_row_ = line;
      first_is_word_ = !number;
    }
    return first_is_word_;
  }

  InputError refusal(std::size_t line, std::size_t column, const std::string& why) const {
    return InputError(source_ + ": line " + std::to_string(line) + ", column " + std::to_string(column + 1) +
                      (table_.names.empty() ? "" : " (" + printable(table_.names[column]) + ")") + ": " + why);
  }

  /// Words were numbered as they came; they are numbered in their order.
  void number_classes() {
    std::vector<double> sorted(words_.size());
    for (const auto& [word, as_it_came] : words_) {
      sorted[static_cast<std::size_t>(as_it_came)] = static_cast<double>(table_.classes.size());
      table_.classes.push_back(word);
    }
    if (words_.empty()) return;
    for (std::size_t i = *may_be_words_; i < table_.values.size(); i += table_.columns)
      table_.values[i] = sorted[static_cast<std::size_t>(table_.values[i])];
  }

  const std::string& source_;
  const WordColumn& word_column_;
  NumericTable table_;
  std::deque<std::string> unquoted_;  ///< fields of the line at work
  char separator_ = ',';
  std::optional<std::size_t> may_be_words_;
  bool names_may_be_row_ = false, first_is_word_ = false;
  std::size_t first_row_ = 0;  ///< its line; 0: none was seen
  std::map<std::string, double> words_;
};

}  // namespace

NumericTable read_numeric_csv(const std::string& source, std::string_view text, const WordColumn& word_column) {
  Reader reader(source, word_column);
  std::size_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark is no part of the first field
  for (std::size_t from = 0; from < text.size();) {
    check_interruption();
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    from = end + 1;
    ++number;
    if (const std::string_view content = without_blanks(line); !content.empty() && content != "\"\"")
      reader.line(number, line);
  }
  return std::move(reader).table();
}

}  // namespace etamax
