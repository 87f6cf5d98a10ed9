// Nothing went wrong that lasted.
#include <algorithm>

#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (f.ending == Ending::above_best && f.end - f.best < std::max(0.7, 3 * f.noise) && f.rise < 1.5) {
    w.supports(1, "it ends " + factor_text(f.start - f.end) + " below its start, and nothing jumped");
    w.opposes(0.5, "it ends above its best level");
    return;
  }
  if (went_wrong(f)) {
    w.opposes(f.ending == Ending::above_best ? 1.5 : 6, f.ending == Ending::not_a_number
                                                            ? "the log ends with losses that are no numbers"
                                                            : "the log ends clearly above its best level");
    return;
  }
  if (f.ending == Ending::never_moved) {
    w.opposes(2, "the loss never fell clearly below its first value");
    return;
  }
  w.supports(4, "the loss ends at its best level, " + factor_text(f.start - f.end) + " below its start");
  if (f.constant_guess > 0)
    w.opposes(4, value_text(f.raw.back()) + " is about ln " + std::to_string(f.constant_guess) +
                     ", the loss of a constant guess");
  if (!f.spikes.empty()) w.opposes(3, "there were spikes on the way");
  if (f.passing_bad > 0) w.opposes(1, "some losses on the way are no numbers");
}

}  // namespace

CauseSpec healthy() { return {"healthy", "nothing is wrong", LogVerdict::healthy, "Nothing needs to be done.", weigh}; }

}  // namespace etamax::causes
