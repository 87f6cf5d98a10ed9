// Spikes that come back by themselves: the edge of stability under full batches (Cohen et al., 2021), or
// Adam's preconditioner lagging behind (Cohen et al., arXiv 2207.14484).
#include <algorithm>

#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (went_wrong(f)) {
    w.opposes(f.ending == Ending::above_best ? 1 : 5, "it did not recover");
    if (f.ending != Ending::above_best) return;
  }
  if (f.spikes.empty()) {
    w.opposes(4, "there are no spikes");
    return;
  }
  w.supports(3, std::to_string(f.spikes.size()) + (f.spikes.size() == 1 ? " spike" : " spikes") +
                    " of the loss came back down");
  const auto built_up =
      std::count_if(f.spikes.begin(), f.spikes.end(), [](const auto& s) { return s.peak - s.first >= 2; });
  if (built_up > 0 && 2 * built_up >= static_cast<std::ptrdiff_t>(f.spikes.size()))
    w.supports(2, "they built up over several records, as an instability does");
  else if (f.spikes.front().peak <= 2)
    w.supports(1.5, "the first steps were too large, before the optimizer knew the size of the gradients");
  else
    w.opposes(0.5, "they came from one record to the next");
  if (f.spikes.size() >= 3)
    w.supports(2.5, "there are several of them");
  else if (f.spikes.size() == 1)
    w.opposes(1.5, "there is only one");
}

}  // namespace

CauseSpec recovering_spikes() {
  return {"recovering_spikes", "spikes that recover by themselves, at the edge of stability", LogVerdict::healthy,
          "The run recovers, so nothing must be done; a rate of half as much, or a smaller beta2 with Adam, makes the "
          "spikes rarer.",
          weigh};
}

}  // namespace etamax::causes
