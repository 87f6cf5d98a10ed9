#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etamax {

/// The shortest text that reads back as `value` when it is at most `digits` significant digits long, else
/// `value` rounded to `digits` significant digits. For people: "1.2", "-1.4", "10500", "1e20", "1e-8", "inf".
std::string format_number(double value, int digits = 6);

/// The number with the fewest significant digits in the closed interval [low, high].
double simplest_between(double low, double high);

/// "1 step", "2 steps".
std::string counted(long n, const std::string& what);

/// "1st", "2nd", "3rd", "11th".
std::string ordinal(long n);

/// "a, b, c", or with what else stands between two.
std::string joined(const std::vector<std::string>& words, const std::string& between = ", ");

/// The text with '?' for control characters, so that it stays one line and gives a terminal no orders.
std::string one_line(std::string_view text);

/// The whole number that is all of the text, in decimal digits behind at most a minus sign; none where it is
/// something else, or beyond 64 bits.
std::optional<std::int64_t> whole_number(std::string_view text);

/// How many letters must be put in, taken out, changed or swapped with their neighbour to make b of a.
int edit_distance(const std::string& a, const std::string& b);

/// The nearest of `candidates` to `word` for a "did you mean" (edit distance at most a third of the word's
/// length, at least 1), else "". Among equally near ones the first that has the word's own letters, else the first.
template <typename Range>
std::string closest(const std::string& word, const Range& candidates) {
  std::string best;
  int best_distance = std::max(static_cast<int>(word.size()) / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    const bool swapped = std::is_permutation(word.begin(), word.end(), candidate.begin(), candidate.end());
    if (distance < best_distance || (distance == best_distance && !best.empty() && swapped)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace etamax
