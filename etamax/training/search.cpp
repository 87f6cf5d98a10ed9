#include "etamax/training/search.h"

#include <cmath>

namespace etamax {

RateBracket find_largest_trainable_rate(const RateSearch& search) {
  const double half_octave = std::sqrt(2.0) * 1.0001;  // with room for rounding
  const double lowest = search.first * std::exp2(-search.most_octaves);
  const double highest = search.first * std::exp2(search.most_octaves_up);
  double trains_at = search.first;
  std::optional<bool> now = search.trains(trains_at);
  if (now == true) {
    while (trains_at < highest && search.may_go_up(trains_at) && search.may_go_on()) {
      now = search.trains(trains_at * 2);
      if (now != true) break;
      trains_at *= 2;
    }
  } else {
    for (int octaves = 1; now == false && trains_at > lowest && search.may_go_on(); octaves *= search.doubling ? 2 : 1)
      now = search.trains(trains_at *= std::exp2(-octaves));
    if (now != true) trains_at = 0;
  }
  RateBracket bracket = search.known(trains_at);
  while (bracket.trains && bracket.fails && *bracket.fails > *bracket.trains * half_octave && search.may_go_on()) {
    const double middle = std::sqrt(*bracket.trains * *bracket.fails);
    now = search.trains(middle);
    if (!now) break;
    if (*now) trains_at = middle;
    const RateBracket narrower = search.known(trains_at);
    // A rate that is neither shown to train nor too high leaves the ends where they are.
    if (narrower.trains == bracket.trains && narrower.fails == bracket.fails) break;
    bracket = narrower;
  }
  return bracket;
}

}  // namespace etamax
