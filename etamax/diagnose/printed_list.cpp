#include "etamax/diagnose/printed_list.h"

#include <algorithm>

#include "etamax/diagnose/number.h"

namespace etamax {
namespace {

bool separates(char c) { return c == ' ' || c == '\t' || c == ',' || c == '\r'; }

bool is_list(std::string_view inside) {
  double value = 0;
  for (std::size_t at = 0; at < inside.size();) {
    if (separates(inside[at])) {
      ++at;
      continue;
    }
    const std::size_t length = read_number(inside.substr(at), value);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace

std::size_t PrintedList::begin(std::string_view line, std::size_t at, std::string_view name) {
  constexpr std::size_t kFewest = 5;
  const std::size_t end = std::min(line.find_first_not_of("0123456789+-.,eEnNaAiIfF \t\r", at), line.size());
  const std::string_view inside = line.substr(at, end - at);
  const std::size_t last = inside.find_last_not_of(" \t\r");
  const bool goes_on = end == line.size() && last != std::string_view::npos && inside[last] == ',';
  const auto count = static_cast<std::size_t>(std::count(inside.begin(), inside.end(), ',')) + 1;
  if (!goes_on && (end == line.size() || line[end] != ']')) return 0;
  const std::string_view behind = line.substr(end);
  if (behind.find("step: ") != std::string_view::npos) return 0;  // "Losses: [2.5, 2.2, ...], step: 200": of one step
  if ((!goes_on && count < kFewest) || !is_list(inside)) return 0;
  column_ = table_.column(name);
  put(inside);
  if (!goes_on) column_ = -1;
  return end;
}

bool PrintedList::go_on(std::string_view line) {
  const std::size_t close = line.find(']');
  const std::string_view inside = line.substr(0, close);
  if (inside.empty() || !is_list(inside)) {
    column_ = -1;
    return false;
  }
  put(inside);
  if (close != std::string_view::npos) column_ = -1;
  return true;
}

void PrintedList::put(std::string_view inside) {
  double value = 0;
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t length = read_number(inside.substr(at), value);
    if (length > 0) table_.put(column_, value), table_.end_record();
    at += std::max<std::size_t>(length, 1);
  }
}

}  // namespace etamax
