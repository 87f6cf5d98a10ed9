#include "etamax/diagnose/same_shape.h"

#include <algorithm>
#include <cmath>

#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostShapes = 64, kMostLines = 50000, kMostNumbers = 12, kMostLetters = 300;

bool is_digit(char c) { return kind_of(c) == CharKind::digit; }

/// Where a date, a time or a version ends that begins with the digit at `at`: digits with marks between them.
std::size_t end_of_date(std::string_view line, std::size_t at) {
  std::size_t end = at, marks = 0;
  while (end < line.size() &&
         (is_digit(line[end]) || (end + 1 < line.size() && is_digit(line[end + 1]) &&
                                  std::string_view(":-/").find(line[end]) != std::string_view::npos)))
    marks += is_digit(line[end++]) ? 0 : 1;
  return marks > 0 ? end : at;
}

}  // namespace

void SameShape::take(std::string_view line) {
  if (line.size() > kMostLetters) return;
  std::string shape;
  std::vector<Number> numbers;
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at], before = at > 0 ? line[at - 1] : ' ';
    double value = 0;
    if (kind_of(c) == CharKind::space) {
      if (shape.empty() || shape.back() != ' ') shape += ' ';
      ++at;
    } else if (const std::size_t end = is_digit(c) ? end_of_date(line, at) : at; end > at) {
      shape += '@';
      at = end;
    } else if (const std::size_t length = inside_name(before) ? 0 : read_number(line.substr(at), value); length > 0) {
      const std::string_view digits = line.substr(at, length);
      at += length;
      // With a unit behind it, as "30s" and "6%", it is no loss.
      const bool unit = at < line.size() && (kind_of(line[at]) == CharKind::letter || line[at] == '%');
      shape += unit ? '@' : '#';
      const bool decimal = !std::isfinite(value) || digits.find_first_of(".eE") != std::string_view::npos;
      if (!unit && numbers.size() < kMostNumbers) numbers.push_back({value, decimal});
      if (!unit && decimal) break;  // what follows it may differ: "Iter 100: 0.115  (53% better)"
    } else {
      shape += c;
      ++at;
    }
  }
  if (numbers.empty()) return;
  ++with_numbers_;
  const auto found = lines_.find(shape);
  if (found == lines_.end() && lines_.size() >= kMostShapes) return;
  auto& rows = found == lines_.end() ? lines_[shape] : found->second;
  if (rows.size() < kMostLines) rows.push_back(std::move(numbers));
}

void SameShape::put(LogTable& table) const {
  constexpr std::size_t kFewest = 3;
  const auto most = std::max_element(lines_.begin(), lines_.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  if (most == lines_.end() || most->second.size() < kFewest) return;
  const auto& rows = most->second;
  if (2 * static_cast<long>(rows.size()) < with_numbers_) return;
  const std::size_t numbers = rows.front().size();
  std::size_t step = numbers, loss = numbers;
  for (std::size_t i = numbers; i-- > 0;) {
    bool counts = true, decimal = false;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      decimal |= rows[k][i].decimal;
      counts = counts && !rows[k][i].decimal && (k == 0 || rows[k][i].value > rows[k - 1][i].value);
    }
    if (counts) step = i;
    if (decimal) loss = i;
  }
  if (loss == numbers) return;
  for (const auto& row : rows) {
    if (step < numbers) table.put(table.column("step", {Role::step, 0}), row[step].value);
    table.put(table.column("column 0", {Role::unknown, 0}), row[loss].value);
    table.end_record();
  }
  table.remark("no number has a name: the first decimal one of the lines that are alike is taken for the loss");
}

}  // namespace etamax
