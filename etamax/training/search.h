#pragma once

#include <functional>
#include <optional>

namespace etamax {

/// A rate that trains, and a higher one that does not; none where none is known.
struct RateBracket {
  std::optional<double> trains, fails;
};

struct RateSearch {
  double first = 0;          ///< where to begin, usually below the edge
  int most_octaves = 14;     ///< from there, down
  int most_octaves_up = 14;  ///< and up
  bool doubling = false;  ///< downwards in strides of 1, 2, 4, ... octaves: the edge at the start may be far too high
  /// Whether a run at that rate trains, or would with more steps: whether it is not too high. None ends the search (no
  /// budget is left for it).
  std::function<std::optional<bool>(double lr)> trains;
  /// Everything known so far: a later run may show that an earlier one was no training at all. `trains_at`: the last
  /// that the search has seen train, 0 where there is none.
  std::function<RateBracket(double trains_at)> known;
  /// Whether to go on at all; and further up, past a rate that trains.
  std::function<bool()> may_go_on = [] { return true; };
  std::function<bool(double lr)> may_go_up = [](double) { return true; };
};

/// The largest learning rate at which training works, by runs: octaves up from a rate that trains (down to one, where
/// the first does not), then bisection in the logarithm to half an octave.
RateBracket find_largest_trainable_rate(const RateSearch& search);

}  // namespace etamax
