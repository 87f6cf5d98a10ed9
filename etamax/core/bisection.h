#pragma once

#include <optional>

namespace etamax {

/// Two numbers between which something turns from true to false: it holds at `low`, and not at `high`.
struct Bracket {
  double low = 0, high = 0;
};

inline double halfway(double low, double high) { return low + (high - low) / 2; }

/// Narrows the bracket by bisection: `most` times at most, until `narrow(bracket)`, or until no number is left between
/// its ends. `middle(low, high)` is where it is cut. `holds(x)` is a bool, or an std::optional<bool> that is none where
/// it cannot be told: the search ends there.
template <typename Holds, typename Narrow, typename Middle>
Bracket bisected(Bracket bracket, Holds holds, Narrow narrow, Middle middle, int most = 100) {
  for (int k = 0; k < most && !narrow(bracket); ++k) {
    const double cut = middle(bracket.low, bracket.high);
    if (cut <= bracket.low || cut >= bracket.high) break;
    const std::optional<bool> does = holds(cut);
    if (!does) break;
    (*does ? bracket.low : bracket.high) = cut;
  }
  return bracket;
}

/// The last number of [low, high] up to which `holds`, which turns from true to false once.
template <typename Holds>
double last_where(double low, double high, Holds holds) {
  const auto never = [](const Bracket&) { return false; };
  return bisected({low, high}, holds, never, halfway).low;
}

}  // namespace etamax
