#pragma once

#include <string>
#include <vector>

namespace etamax {

/// The shortest text that reads back as `value` when it is at most `digits` significant digits long, else
/// `value` rounded to `digits` significant digits. For people: "1.2", "-1.4", "3.8416", "1e+20", "inf".
std::string format_number(double value, int digits = 6);

/// The number with the fewest significant digits in the closed interval [low, high].
double simplest_between(double low, double high);

/// "1st", "2nd", "3rd", "11th".
std::string ordinal(long n);

/// The nearest of `candidates` to `word` for a "did you mean" (edit distance at most a third of the word's
/// length, at least 1), else "".
template <typename Range>
std::string closest(const std::string& word, const Range& candidates);

int edit_distance(const std::string& a, const std::string& b);

template <typename Range>
std::string closest(const std::string& word, const Range& candidates) {
  std::string best;
  int best_distance = static_cast<int>(word.size()) / 3 + 2;
  for (const std::string& candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    if (distance < best_distance) best = candidate, best_distance = distance;
  }
  return best;
}

}  // namespace etamax
