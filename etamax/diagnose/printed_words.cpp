#include "etamax/diagnose/printed_words.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "etamax/diagnose/number.h"

namespace etamax {
namespace {

constexpr std::string_view kQualifiers[] = {"train", "training",  "val",           "valid",   "validation", "test",
                                            "eval",  "dev",       "learning",      "grad",    "gradient",   "total",
                                            "mean",  "average",   "avg",           "running", "smoothed",   "batch",
                                            "aux",   "generator", "discriminator", "best",    "dynamic",    "max",
                                            "min",   "weight",    "param",         "global",  "time",       "num"};

constexpr std::string_view kMessages[] = {"divide by zero",    "invalid value encountered", "overflow encountered",
                                          "Gradient overflow", "gradient overflow",         "Overflow detected",
                                          "exploding",         "ower the learning rate",    "odel diverged",
                                          "loss diverged"};

// PyTorch's names of functions whose derivative has no bound at an edge of where they are defined.
constexpr std::string_view kUnbounded[] = {
    "Log",   "Log1P", "Log2",       "Log10", "Sqrt",  "Rsqrt",           "Pow", "Div", "Norm", "Acos", "Asin",
    "Atan2", "Cdist", "Reciprocal", "Acosh", "Atanh", "LinalgVectorNorm"};

constexpr std::string_view kLastWords[] = {"became infinite or NaN",     "oss is nan, stopping",
                                           "oss is inf, stopping",       "NaN loss during training",
                                           "diverged with loss = NaN",   "Invalid loss, terminating",
                                           "returned nan values in its", "Minimum loss scale reached"};

/// The length of "(x, y)" at `at` where a sign for a value follows; 0 where it is none, or has digits in it.
std::size_t arguments_before_sign(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 40;
  const std::size_t close = text.substr(0, at + kLongest).find(')', at);
  if (close == std::string_view::npos) return 0;
  if (text.substr(at, close - at).find_first_of("0123456789=:%") != std::string_view::npos) return 0;
  const std::size_t next = text.find_first_not_of(' ', close + 1);
  return next != std::string_view::npos && (text[next] == '=' || text[next] == ':') ? close + 1 - at : 0;
}

/// The length of "->", "=>", ">>" or a longer arrow; 0 of others.
std::size_t arrow_length(std::string_view text) {
  constexpr std::size_t kLongest = 3;
  const std::size_t shaft = std::min(text.find_first_not_of("-="), text.size());
  if (shaft > 0 && shaft <= kLongest && text.substr(shaft, 1) == ">") return shaft + 1;
  return text.substr(0, 2) == ">>" ? 2 : 0;
}

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

std::string_view plain_bars(std::string_view line, std::string& scratch) {
  // Of the frames of U+2500 to U+257F those that stand upright, as UTF-8; the others are rules.
  constexpr std::string_view kBlock = "\xe2\x94", kDouble = "\xe2\x95";
  if (line.find(kBlock) == std::string_view::npos && line.find(kDouble) == std::string_view::npos) return line;
  scratch.clear();
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view lead = line.substr(i, 2);
    if (i + 2 >= line.size() || (lead != kBlock && lead != kDouble)) {
      scratch += line[i];
      continue;
    }
    const std::string_view sign = line.substr(i, 3);
    scratch += sign == "│" || sign == "┃" || sign == "║" ? '|' : '-';
    i += 2;
  }
  return scratch;
}

bool is_qualifier(std::string_view word) {
  return std::any_of(std::begin(kQualifiers), std::end(kQualifiers), [&](std::string_view known) {
    return std::equal(word.begin(), word.end(), known.begin(), known.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  });
}

bool is_player(std::string_view word) { return word == "D" || word == "G" || word == "d" || word == "g"; }

std::string_view unbounded_derivative(std::string_view message) {
  constexpr std::string_view kBackward = "Backward", kBefore[] = {"Function '", "Error detected in "};
  for (const std::string_view before : kBefore) {
    const std::size_t at = message.find(before);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = message.substr(at + before.size());
    const std::string_view name = rest.substr(0, std::min(rest.find(kBackward), rest.size()));
    if (std::find(std::begin(kUnbounded), std::end(kUnbounded), name) != std::end(kUnbounded)) return name;
  }
  return {};
}

bool is_message(std::string_view line) { return holds_any(line, kMessages) || !unbounded_derivative(line).empty(); }
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

std::string_view numbered_part(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  const auto back = [&](CharKind of) {
    const std::size_t from = at;
    while (at > 0 && kind_of(text[at - 1]) == of) --at;
    return from - at;
  };
  if (back(CharKind::space) != 1) return {};
  if (const std::size_t digits = back(CharKind::digit); digits == 0 || digits > 2) return {};
  if (back(CharKind::space) != 1 || back(CharKind::letter) < 2) return {};
  const std::string_view part = text.substr(at, begin - at);
  const std::string_view of = part.substr(0, part.find(' '));
  const bool score = of == "score" || of == "Score";  // "score 10 loss 0.5": the one of an episode
  return role_of(of).role == Role::unknown && !score ? part : std::string_view();
}

std::size_t wrapper_length(std::string_view text) {
  constexpr std::string_view kWrappers[] = {"tensor(",       "tf.Tensor(", "np.float32(",  "np.float64(", "np.float16(",
                                            "torch.tensor(", "array(",     "DeviceArray(", "Array("};
  constexpr std::string_view kNumpy = "numpy=";
  for (const std::string_view wrapper : kWrappers)
    if (text.substr(0, wrapper.size()) == wrapper)
      return wrapper.size() + (text.substr(wrapper.size(), 1) == "[" ? 1 : 0);
  if (text.substr(0, 11) == "<tf.Tensor:")
    if (const std::size_t at = text.find(kNumpy); at < 100) return at + kNumpy.size();
  return 0;
}

Gap gap_after_name(std::string_view text, std::size_t begin, std::size_t end, Role role) {
  const bool counter = role == Role::step || role == Role::epoch;
  const bool loss = role == Role::loss || role == Role::other_loss;
  Gap gap{end};
  for (std::size_t& at = gap.at; at < text.size(); ++at) {
    const char c = text[at];
    if (const std::size_t arrow = loss && !gap.separated ? arrow_length(text.substr(at)) : 0; arrow > 0) {
      gap.separated = true;  // "D Loss >> -0.45"
      at += arrow - 1;
    } else if (c == ':' || c == '=') {
      if (gap.separated) break;
      gap.separated = true;
    } else if (kind_of(c) == CharKind::space) {
      gap.spaced = true;
    } else if (c == ']' && at == end && is_bracketed(text, begin) && role != Role::unknown) {
      gap.separated = true;  // "[Training error] 2.5"
    } else if (c == '.' && !gap.separated && counter) {
      gap.spaced = true;  // "Step... (500 |", "Ep. 3"
    } else if (const std::size_t arguments = c == '(' && at == end && loss ? arguments_before_sign(text, at) : 0;
               arguments > 0) {
      at += arguments - 1;  // "loss(x, y) = 2.5"
    } else if (c != '\'' && c != '"' && c != '[' && c != '(') {
      break;
    }
  }
  return gap;
}

std::optional<Speed> speed_at(std::string_view text, std::size_t begin) {
  double value = 0;
  std::size_t from = begin + read_number(text.substr(begin), value);
  if (from < text.size() && kind_of(text[from]) == CharKind::space) ++from;
  std::size_t to = from;
  while (to < text.size() && (kind_of(text[to]) == CharKind::letter || text[to] == '/')) ++to;
  const std::string_view unit = text.substr(from, to - from);
  if (unit.size() < 4 || unit.size() > 20 || unit.find('/') == std::string_view::npos) return {};
  if (unit.substr(0, 2) == "s/" && value > 0) return Speed{"it/s", 1 / value, to};
  if (role_of(unit).role != Role::throughput) return {};
  return Speed{unit, value, to};
}

std::optional<CountingWord> counting_word(std::string_view word) {
  constexpr std::string_view kNames[][2] = {
      {"ep", "epoch"}, {"epoch", "epoch"}, {"it", "iter"}, {"iter", "iter"}, {"step", "step"}};
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t from = word.find_first_of(kDigits);
  if (from == std::string_view::npos) return {};
  for (const auto& [printed, name] : kNames) {
    if (!std::equal(printed.begin(), printed.end(), word.begin(), word.begin() + static_cast<std::ptrdiff_t>(from),
                    [](char a, char b) { return a == (b | 0x20); }))
      continue;
    const std::size_t end = std::min(word.find_first_not_of(kDigits, from), word.size());
    const bool whole =
        end == word.size() || (word[end] == '/' && word.find_first_not_of(kDigits, end + 1) == std::string_view::npos);
    CountingWord found{name};
    if (whole && read_number(word.substr(from, end - from), found.count) > 0) return found;
  }
  return {};
}

std::size_t counter_at_head(std::string_view text, double& count) {
  const bool bracket = !text.empty() && text.front() == '[';
  const std::size_t from = bracket ? 1 : 0;
  std::size_t end = from;
  while (end < text.size() && kind_of(text[end]) == CharKind::digit) ++end;
  if (end == from || end - from > 12 || end + 1 >= text.size() || text[end] != (bracket ? ']' : ':')) return 0;
  if (kind_of(text[end + 1]) != CharKind::space) return 0;
  read_number(text.substr(from, end - from), count);
  return end + 1;
}

EpochAndBatch epoch_and_batch_at_head(std::string_view text) {
  EpochAndBatch found;
  std::size_t at = 0;
  const auto take = [&](double& value, char after) {
    at = std::min(text.find_first_not_of(' ', at), text.size());
    const std::size_t begin = at;
    while (at < text.size() && kind_of(text[at]) == CharKind::digit) ++at;
    return read_number(text.substr(begin, at - begin), value) > 0 && at < text.size() && text[at++] == after;
  };
  if (text.empty() || text[at++] != '[' || !take(found.epoch, ',') || !take(found.batch, ']')) return {};
  const std::size_t next = text.find_first_not_of(" :", at);
  if (next != std::string_view::npos && kind_of(text[next]) == CharKind::letter) found.length = at;
  return found;
}

Whole whole_behind(std::string_view text, std::size_t at) {
  Whole whole;
  whole.end = at;
  if (at >= text.size() || text[at] != '/') return whole;
  const std::size_t from = std::min(text.find_first_not_of(' ', at + 1), text.size());  // "[ 14/ 15]"
  whole.end = from;
  while (whole.end < text.size() && kind_of(text[whole.end]) == CharKind::digit) ++whole.end;
  if (whole.end == from) return {0, at + 1};
  whole.bracketed = text.substr(whole.end, 1) == "]";
  read_number(text.substr(from, whole.end - from), whole.of);
  return whole;
}

Fraction fraction_at(std::string_view text, std::size_t begin, std::size_t end) {
  Fraction found;
  const bool wide = text.substr(end, 3) == " / ";
  if (!wide && text.substr(end, 1) != "/") return found;
  const std::size_t from = std::min(text.find_first_not_of(' ', end + (wide ? 3 : 1)), text.size());
  found.end = from;
  while (found.end < text.size() && kind_of(text[found.end]) == CharKind::digit) ++found.end;
  const bool starts = begin == 0 || std::string_view(" \t[|(").find(text[begin - 1]) != std::string_view::npos;
  const char next = found.end < text.size() ? text[found.end] : ' ';
  const bool stops = kind_of(next) != CharKind::letter && next != '/' && next != '.';
  found.stands = starts && stops && found.end > from && read_number(text.substr(begin, end - begin), found.at) > 0 &&
                 read_number(text.substr(from, found.end - from), found.of) > 0 && found.at <= found.of;
  return found;
}

bool counts_behind_bracket(std::string_view text, std::size_t begin, std::size_t end) {
  return begin >= 3 && text.substr(begin - 3, 3) == "] [" && text.substr(end, 2) == "] " && end + 2 < text.size() &&
         kind_of(text[end + 2]) == CharKind::letter;
}

std::size_t end_of_word(std::string_view text, std::size_t end, std::string_view name) {
  const auto goes_on = [&] {
    return inside_name(text[end]) ||
           (text[end] == ':' && end + 1 < text.size() && kind_of(text[end + 1]) == CharKind::digit);
  };
  while (end < text.size() && goes_on() && (name.empty() || text.substr(end, name.size()) != name)) ++end;
  return end;
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

SignedValue value_behind_sign(std::string_view text, std::size_t at) {
  const auto skip_spaces = [&] {
    while (at < text.size() && kind_of(text[at]) == CharKind::space) ++at;
  };
  SignedValue found;
  skip_spaces();
  if (at < text.size() && (text[at] == ':' || text[at] == '='))
    ++at;
  else if (text.substr(std::min(at, text.size()), 3) == "is ")
    at += 2;
  else if (at >= text.size() || kind_of(text[at - 1]) != CharKind::space)
    return {};
  else
    found.bare = true;                                                                     // "Train loss 300 2.5"
  if (!found.bare && at < text.size() && kind_of(text[at]) == CharKind::digit) return {};  // a time
  skip_spaces();
  const std::size_t digits = at < text.size() ? read_decimal(text.substr(at), found.value) : 0;
  const bool decimal = !std::isfinite(found.value) || text.substr(at, digits).find('.') != std::string_view::npos;
  const bool whole_word = at + digits == text.size() || kind_of(text[at + digits]) == CharKind::space;
  if (digits > 0 && (!found.bare || (decimal && whole_word))) found.end = at + digits;
  return found;
}

char mark_after_number(std::string_view text, std::size_t from, const char* between) {
  std::size_t at = std::min(text.find_first_not_of(between, from), text.size());
  const std::size_t begin = at;
  while (at < text.size() && kind_of(text[at]) == CharKind::digit) ++at;
  return at > begin && at + 1 < text.size() && kind_of(text[at + 1]) == CharKind::digit ? text[at] : '\0';
}

}  // namespace etamax
