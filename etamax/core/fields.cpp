#include "etamax/core/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "etamax/core/decimal.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {
namespace {

template <typename T>
constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

template <typename T>
constexpr bool is_list_type = std::is_same_v<T, std::vector<double>> || std::is_same_v<T, std::vector<std::string>> ||
                              std::is_same_v<T, NamedNumbers>;

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::vector<std::string> split(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find(',', begin)) != std::string::npos; begin = end + 1)
      parts.push_back(trimmed(text.substr(begin, end - begin)));
    parts.push_back(trimmed(text.substr(begin)));
  }
  return parts;
}

[[noreturn]] void refuse_text(const Field& field, const std::string& text, const std::string& right) {
  throw InputError(field.name, text, right, field.name + ": '" + text + "' is not " + right);
}

struct NumberRange {
  double start = 0, stop = 0, step = 0;
};

/// "start:stop:step".
std::optional<NumberRange> number_range(const std::string& text) {
  const std::size_t first = text.find(':'), second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) return std::nullopt;
  const auto start = decimal_value(trimmed(text.substr(0, first)));
  const auto stop = decimal_value(trimmed(text.substr(first + 1, second - first - 1)));
  const auto step = decimal_value(trimmed(text.substr(second + 1)));
  if (!start || !stop || !step) return std::nullopt;
  return NumberRange{*start, *stop, *step};
}

/// The decimal numbers that somebody means who writes the range: 0.3, where adding up gives 0.30000000000000004.
std::vector<double> numbers_of(const Field& field, const std::string& text) {
  constexpr double kRoundOff = 1e-9;  // of a step
  const std::optional<NumberRange> range = number_range(text);
  if (!range) refuse_text(field, text, "a range, start:stop:step");
  const auto [start, stop, step] = *range;
  const double last = std::floor((stop - start) / step + kRoundOff);
  if (step == 0 || !(last >= 0)) refuse_text(field, text, "a range whose step leads from its start to its stop");
  if (last >= Field::kLongestRange)
    throw InputError(
        field.name, text, fmt::format("at most {} numbers", Field::kLongestRange),
        fmt::format("{}: '{}' gives {}more than {}", field.name, text,
                    std::isfinite(last) ? format_number(last + 1) + " numbers, " : "", Field::kLongestRange));
  std::vector<double> values;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const double value = start + i * step;
    values.push_back(std::abs(value) < kRoundOff * std::abs(step) ? 0 : *decimal_value(fmt::format("{:.14e}", value)));
  }
  return values;
}

std::string allowed(const Field& field, double value) {
  return field.range.broken_by(value, field.is_whole()) + (field.more.none ? ", or none" : "");
}

double read_number(const Field& field, const std::string& text) {
  const std::optional<double> value = decimal_value(text);
  if (!value) refuse_text(field, text, "a number");
  if (!field.range.contains(*value)) throw InputError(field.name, text, allowed(field, *value));
  return *value;
}

template <typename T>
T read_whole(const Field& field, const std::string& text) {
  const std::optional<double> value = decimal_value(text);
  if (!value) refuse_text(field, text, "a number");
  if (!field.range.contains(*value) || *value != std::floor(*value))
    throw InputError(field.name, text, allowed(field, *value));
  // What the type holds, and a double exactly.
  constexpr double kExact = 9007199254740992.0;
  const double low = std::max(static_cast<double>(std::numeric_limits<T>::min()), -kExact);
  const double high = std::min(static_cast<double>(std::numeric_limits<T>::max()), kExact);
  if (*value < low) throw InputError(field.name, text, "at least " + format_number(low, 17));
  if (*value > high) throw InputError(field.name, text, "at most " + format_number(high, 17));
  return static_cast<T>(*value);
}

void check_count(const Field& field, std::size_t count) {
  if (count > Field::kMostValues)
    throw InputError(field.name, fmt::format("{} values are more than {}", count, Field::kMostValues));
}

void check_number(const Field& field, double value, const std::string& shown) {
  if (!field.range.contains(value)) throw InputError(field.name, shown, allowed(field, value));
}

void check_word(const Field& field, const std::string& text) {
  const std::vector<std::string>& words = field.more.words;
  if (words.empty() || (text.empty() && !field.more.usual.empty())) return;
  if (std::find(words.begin(), words.end(), text) == words.end()) refuse_text(field, text, alternatives(words));
}

void check_named(const Field& field, const std::string& name, double value) {
  if (field.range.contains(value)) return;
  const std::string right = allowed(field, value), shown = format_exactly(value);
  throw InputError(
      field.name, shown, right,
      fmt::format("{}: {}{} is not {}", field.name, shown, name.empty() ? "" : " for '" + name + "'", right));
}

std::vector<double> read_numbers(const Field& field, const std::vector<std::string>& parts) {
  std::vector<double> numbers;
  if (parts.size() == 2 && parts[0] == "0" && !field.range.contains(0))
    throw InputError(
        field.name, "0", allowed(field, 0),
        fmt::format("{}: 0 is not {}; where 0.{} is meant, write a point", field.name, allowed(field, 0), parts[1]));
  for (const std::string& part : parts) {
    if (part.find(':') == std::string::npos) {
      numbers.push_back(read_number(field, part));
      continue;
    }
    for (const double value : numbers_of(field, part)) {
      if (!field.range.contains(value)) {
        const std::string right = allowed(field, value), shown = format_exactly(value);
        throw InputError(field.name, shown, right,
                         fmt::format("{}: {} of '{}' is not {}", field.name, shown, part, right));
      }
      numbers.push_back(value);
    }
    check_count(field, numbers.size());
  }
  return numbers;
}

NamedNumbers read_named(const Field& field, const std::vector<std::string>& parts) {
  NamedNumbers numbers;
  for (const std::string& part : parts) {
    const std::size_t equals = part.find('=');
    const std::string name = equals == std::string::npos ? "" : trimmed(part.substr(0, equals));
    const std::string text = equals == std::string::npos ? part : trimmed(part.substr(equals + 1));
    const std::optional<double> value = decimal_value(text);
    if (!value)
      throw InputError(field.name, text, "a number",
                       fmt::format("{}: {}'{}' is not a number", field.name, name.empty() ? "" : name + ": ", text));
    check_named(field, name, *value);
    numbers.emplace_back(name, *value);
  }
  return numbers;
}

}  // namespace

const char* group_name(Group group) {
  switch (group) {
    case Group::problem:
      return "Problem";
    case Group::optimizer:
      return "Optimizer";
    case Group::runs:
      return "Runs";
    case Group::output:
      return "Output";
  }
  return "";
}

bool Field::is_whole() const {
  return std::visit([](auto* m) { return is_integer<std::remove_pointer_t<decltype(m)>>; }, member);
}

bool Field::is_number() const {
  return is_whole() || std::holds_alternative<double*>(member) ||
         std::holds_alternative<std::optional<double>*>(member);
}

bool Field::is_list() const {
  return std::holds_alternative<std::vector<double>*>(member) ||
         std::holds_alternative<std::vector<std::string>*>(member) || std::holds_alternative<NamedNumbers*>(member);
}

bool Field::could_hold(const std::string& text) const {
  const bool named = std::holds_alternative<NamedNumbers*>(member);
  if (!named && !std::holds_alternative<std::vector<double>*>(member)) return false;
  const std::vector<std::string> parts = split({text});
  return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
    const std::size_t equals = named ? part.find('=') : std::string::npos;
    return equals != std::string::npos ? decimal_value(trimmed(part.substr(equals + 1))).has_value()
                                       : decimal_value(part) || (!named && number_range(part));
  });
}

std::string Field::type() const {
  if (is_switch()) return "";
  if (!more.placeholder.empty()) return more.placeholder;
  if (!more.words.empty()) return is_list() ? "NAME,..." : "NAME";
  if (is_whole()) return "INT";
  if (is_number()) return "FLOAT";
  if (std::holds_alternative<std::vector<double>*>(member)) return "FLOAT,...";
  if (std::holds_alternative<NamedNumbers*>(member)) return "NAME=FLOAT,...";
  return is_list() ? "TEXT,..." : "TEXT";
}

std::string Field::value_text() const {
  return std::visit(
      [&](const auto* m) -> std::string {
        using T = std::remove_cvref_t<decltype(*m)>;
        if constexpr (std::is_same_v<T, bool>) {
          return *m ? "true" : "";
        } else if constexpr (is_integer<T>) {
          return std::to_string(*m);
        } else if constexpr (std::is_same_v<T, double>) {
          return format_exactly(*m);
        } else if constexpr (std::is_same_v<T, std::optional<double>>) {
          return *m ? format_exactly(**m) : more.none ? "none" : "";
        } else if constexpr (std::is_same_v<T, std::string>) {
          return *m;
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          return joined(*m, ",");
        } else if constexpr (std::is_same_v<T, std::vector<double>>) {
          std::vector<std::string> parts;
          for (const double value : *m) parts.push_back(format_exactly(value));
          return joined(parts, ",");
        } else {
          std::vector<std::string> parts;
          for (const auto& [key, value] : *m) parts.push_back((key.empty() ? "" : key + "=") + format_exactly(value));
          return joined(parts, ",");
        }
      },
      member);
}

std::string Field::range_text() const {
  if (!more.limits.empty()) return more.limits;
  if (is_switch()) return "";
  if (!more.words.empty()) return alternatives(more.words);
  return range.brief(is_whole()) + (more.none ? ", or none" : "");
}

std::string Field::facts() const {
  std::vector<std::string> facts;
  const std::string value = is_switch() ? "" : value_text(), valid = range_text();
  if (more.required)
    facts.push_back("required");
  else if (!value.empty())
    facts.push_back("default: " + value + (more.unit.empty() ? "" : " " + more.unit));
  else if (!more.usual.empty() && !is_switch())  // which is off where it is not given
    facts.push_back("default: " + more.usual);
  if (!valid.empty()) facts.insert(more.words.empty() ? facts.end() : facts.begin(), valid);
  return joined(facts, "; ");
}

void Field::check() const {
  std::visit(
      [&](const auto* m) {
        using T = std::remove_cvref_t<decltype(*m)>;
        if constexpr (is_list_type<T>) check_count(*this, m->size());
        if constexpr (is_integer<T>) {
          check_number(*this, static_cast<double>(*m), std::to_string(*m));
        } else if constexpr (std::is_same_v<T, double>) {
          check_number(*this, *m, format_exactly(*m));
        } else if constexpr (std::is_same_v<T, std::optional<double>>) {
          if (*m) check_number(*this, **m, format_exactly(**m));
        } else if constexpr (std::is_same_v<T, std::string>) {
          check_word(*this, *m);
        } else if constexpr (std::is_same_v<T, std::vector<double>>) {
          for (const double value : *m) check_number(*this, value, format_exactly(value));
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          for (const std::string& text : *m) check_word(*this, text);
        } else if constexpr (std::is_same_v<T, NamedNumbers>) {
          for (const auto& [key, value] : *m) check_named(*this, key, value);
        }
      },
      member);
}

void Field::read(const std::vector<std::string>& texts) const {
  for (const std::string& given : texts)  // where one ends for the system, a file of another name would be meant
    if (given.find('\0') != std::string::npos)
      throw InputError(name, one_line(given), "a text without a byte of value 0",
                       fmt::format("{}: '{}' holds a byte of value 0", name, one_line(given)));
  const std::string text = trimmed(texts.empty() ? "" : texts.back());
  std::visit(
      [&](auto* m) {
        using T = std::remove_pointer_t<decltype(m)>;
        if constexpr (std::is_same_v<T, bool>) {
          if (text != "true" && text != "false") refuse_text(*this, text, "true or false");
          *m = text == "true";
        } else if constexpr (is_integer<T>) {
          *m = read_whole<T>(*this, text);
        } else if constexpr (std::is_same_v<T, double>) {
          *m = read_number(*this, text);
        } else if constexpr (std::is_same_v<T, std::optional<double>>) {
          *m = more.none && text == "none" ? std::nullopt : std::optional(read_number(*this, text));
        } else if constexpr (std::is_same_v<T, std::string>) {
          const std::string given = texts.empty() ? "" : texts.back();
          check_word(*this, given);
          *m = given;
        } else {
          const std::vector<std::string> parts = split(texts);
          check_count(*this, parts.size());
          if constexpr (std::is_same_v<T, NamedNumbers>) {
            *m = read_named(*this, parts);
          } else if constexpr (std::is_same_v<T, std::vector<double>>) {
            *m = read_numbers(*this, parts);
          } else {
            for (const std::string& part : parts) check_word(*this, part);
            *m = parts;
          }
        }
      },
      member);
}

Fields operator+(Fields fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace etamax
