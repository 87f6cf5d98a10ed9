#include "etamax/diagnose/line_part.h"

#include <algorithm>
#include <iterator>

#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_words.h"

namespace etamax {
namespace {

constexpr std::string_view kParts[] = {"val",  "valid", "validation", "validating", "test",
                                       "eval", "dev",   "evaluation", "evaluating", "testing"};

constexpr std::string_view kNetOutput = "net output";

bool same_word(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

bool is_letter(char c) { return kind_of(c) == CharKind::letter; }

bool holds_decimal(std::string_view text) {
  for (std::size_t at = text.find('.'); at != std::string_view::npos; at = text.find('.', at + 1))
    if (at > 0 && at + 1 < text.size() && kind_of(text[at - 1]) == CharKind::digit &&
        kind_of(text[at + 1]) == CharKind::digit)
      return true;
  return false;
}

}  // namespace

std::string_view before_word(std::string_view line, std::string_view word) {
  constexpr std::size_t kFar = 300;
  const auto at = static_cast<std::size_t>(word.data() - line.data());
  return line.substr(at > kFar ? at - kFar : 0, std::min(at, kFar));
}

std::string_view line_part(std::string_view before) {
  std::string_view part;
  for (std::size_t at = 0; at < before.size();) {
    if (!is_letter(before[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < before.size() && inside_name(before[end])) ++end;
    const std::string_view word = before.substr(at, end - at);
    const bool stands = (at == 0 || std::string_view(" \t[(|'\"").find(before[at - 1]) != std::string_view::npos) &&
                        end < before.size() && std::string_view(" :])|'\"").find(before[end]) != std::string_view::npos;
    const bool known = word == "CV" || std::any_of(std::begin(kParts), std::end(kParts),
                                                   [&](std::string_view lower) { return same_word(word, lower); });
    if (stands && known && !holds_decimal(before.substr(end))) part = word;
    if (stands && (same_word(word, "train") || same_word(word, "training"))) part = {};
    at = end;
  }
  if (part.empty() && before.find(kNetOutput) != std::string_view::npos) part = kNetOutput;
  return part;
}

bool is_held_out(std::string_view part) { return !part.empty() && part != kNetOutput; }

bool names_training(std::string_view loss) {
  return loss.find("rain") != std::string_view::npos || loss.find("RAIN") != std::string_view::npos;
}

int printing_rank(std::string_view line) {
  constexpr std::size_t kWord = 4;
  for (std::size_t at = 0; at + kWord < line.size(); ++at) {
    if ((line[at] | 0x20) != 'r' || !same_word(line.substr(at, kWord), "rank")) continue;
    const bool bracket = at > 0 && line[at - 1] == '[';
    if (!bracket && !(at > 0 && (line[at - 1] == ' ' || line[at - 1] == '\t'))) continue;
    std::size_t from = at + kWord;
    if (line[from] == ' ') ++from;
    std::size_t end = from;
    while (end < line.size() && kind_of(line[end]) == CharKind::digit) ++end;
    if (end == from || end - from > 5) continue;
    const bool closed = bracket ? end < line.size() && line[end] == ']'
                                : line.find_first_not_of(" \t\r", end) == std::string_view::npos;
    if (!closed) continue;
    double value = 0;
    read_number(line.substr(from, end - from), value);
    return static_cast<int>(value);
  }
  return -1;
}

}  // namespace etamax
