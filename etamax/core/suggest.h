#pragma once

#include <algorithm>
#include <string>

namespace etamax {

/// How many letters must be put in, taken out, changed or swapped with their neighbor to make b of a.
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
