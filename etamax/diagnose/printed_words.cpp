#include "etamax/diagnose/printed_words.h"

#include <algorithm>
#include <iterator>

#include "etamax/diagnose/number.h"

namespace etamax {
namespace {

constexpr std::string_view kQualifiers[] = {"train", "training",  "val",           "valid",   "validation", "test",
                                            "eval",  "dev",       "learning",      "grad",    "gradient",   "total",
                                            "mean",  "average",   "avg",           "running", "smoothed",   "batch",
                                            "aux",   "generator", "discriminator", "best",    "dynamic",    "max",
                                            "min",   "weight",    "param",         "global"};

constexpr std::string_view kMessages[] = {"divide by zero",    "invalid value encountered", "overflow encountered",
                                          "Gradient overflow", "gradient overflow",         "Overflow detected",
                                          "exploding",         "ower the learning rate",    "odel diverged",
                                          "loss diverged"};

constexpr std::string_view kLastWords[] = {"became infinite or NaN",   "oss is nan, stopping",
                                           "oss is inf, stopping",     "NaN loss during training",
                                           "diverged with loss = NaN", "Invalid loss, terminating"};

template <std::size_t kCount>
bool holds_any(std::string_view line, const std::string_view (&parts)[kCount]) {
  return std::any_of(std::begin(parts), std::end(parts),
                     [&](std::string_view part) { return line.find(part) != std::string_view::npos; });
}

}  // namespace

std::string_view without_escapes(std::string_view line, std::string& scratch) {
  if (line.find('\x1b') == std::string_view::npos) return line;
  scratch.clear();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      scratch += line[i];
      continue;
    }
    if (i + 1 < line.size() && line[i + 1] == '[') {  // ends with a character in @..~
      i += 2;
      while (i < line.size() && (line[i] < '@' || line[i] > '~')) ++i;
    } else {
      ++i;
    }
  }
  return scratch;
}

bool is_qualifier(std::string_view word) {
  return std::any_of(std::begin(kQualifiers), std::end(kQualifiers), [&](std::string_view known) {
    return std::equal(word.begin(), word.end(), known.begin(), known.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  });
}

bool is_message(std::string_view line) { return holds_any(line, kMessages); }
bool is_last_words(std::string_view line) { return holds_any(line, kLastWords); }

bool is_bracketed(std::string_view text, std::size_t begin) {
  while (begin > 0 && (kind_of(text[begin - 1]) == CharKind::letter || kind_of(text[begin - 1]) == CharKind::space))
    --begin;
  return begin > 0 && text[begin - 1] == '[';
}

bool is_network_tag(std::string_view text, std::size_t begin, std::size_t end) {
  return end == begin + 1 && (text[begin] == 'D' || text[begin] == 'G') && begin > 0 && text[begin - 1] == '[' &&
         end < text.size() && text[end] == ']';
}

bool is_objective(std::string_view name) {
  constexpr std::string_view kWord = "objective";
  return name.size() >= kWord.size() && name.substr(name.size() - kWord.size()) == kWord;
}

bool is_source_file(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos || point == 0) return false;
  constexpr std::string_view kEndings[] = {"c", "cc", "cpp", "cu", "h", "py", "lua", "go", "rs", "jl", "java", "scala"};
  return std::find(std::begin(kEndings), std::end(kEndings), name.substr(point + 1)) != std::end(kEndings);
}

bool begins_with_value(std::string_view text, double& value) {
  const std::size_t from = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t length = read_number(text.substr(from), value);
  return length > 0 && text.substr(from, length).find('.') != std::string_view::npos;
}

std::optional<CountedLoss> counted_loss(std::string_view text) {
  CountedLoss found;
  const auto take = [&](double& value, std::string_view after) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t length = read_number(text, value);
    if (length == 0 || text.substr(length, after.size()) != after) return false;
    text.remove_prefix(length + after.size());
    return true;
  };
  if (!take(found.step, ":") || !take(found.loss, ",") || !take(found.mean, " avg")) return {};
  double rate = 0;
  text.remove_prefix(std::min(text.find(',') + 1, text.size()));
  if (take(rate, " rate")) found.rate = rate;
  return found;
}

char mark_after_number(std::string_view text, std::size_t from, const char* between) {
  std::size_t at = std::min(text.find_first_not_of(between, from), text.size());
  const std::size_t begin = at;
  while (at < text.size() && kind_of(text[at]) == CharKind::digit) ++at;
  return at > begin && at + 1 < text.size() && kind_of(text[at + 1]) == CharKind::digit ? text[at] : '\0';
}

}  // namespace etamax
