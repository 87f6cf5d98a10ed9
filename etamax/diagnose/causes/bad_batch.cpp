// One batch with broken examples: a jump in a single step, which either heals or leaves the weights spoilt.
#include <algorithm>
#include <cmath>

#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  const Findings::Spike* largest = nullptr;
  for (const Findings::Spike& s : f.spikes)
    if (largest == nullptr || s.rise > largest->rise) largest = &s;
  const auto as_high = std::count_if(f.spikes.begin(), f.spikes.end(),
                                     [&](const Findings::Spike& s) { return s.rise > largest->rise / 2; });
  if (f.ending == Ending::never_moved) {
    w.opposes(4, "the loss never moved");
    return;
  }
  if (f.ending == Ending::good) {
    if (f.spikes.empty() && f.passing_bad == 0) {
      w.opposes(4, "nothing jumps");
      return;
    }
    if (f.passing_bad > 0 && f.passing_bad <= 2)
      w.supports(3, "a single loss is no number, and the next ones are normal");
    if (as_high == 1) {
      const Findings::Spike& s = *largest;
      w.supports(1.5, "the loss jumped once and came back");
      if (s.peak <= 2) w.opposes(2.5, "it was in the first records, where first steps that are too large show");
      if (s.peak <= s.first + 1)
        w.supports(2,
                   "at " + step_text(f, s.peak) + " it rose " + factor_text(s.rise) + " from one record to the next");
      if (s.peak >= s.first + 2) w.opposes(2.5, "the jump built up over several records");
    } else if (as_high >= 2) {
      w.opposes(as_high > 2 ? 3 : 1, "there are several spikes");
    }
    return;
  }
  if (!f.onset) {
    w.opposes(2, "the log begins broken");
    return;
  }
  if (f.ending == Ending::above_best && f.end - f.best < std::max(0.7, 3 * f.noise) && f.rise < 1.5) {
    w.opposes(3, "nothing jumps");
    return;
  }
  if (rose_gradually(f)) {
    w.opposes(2, "it rose over several records");
  } else if (*f.onset >= 5 && f.first_jump > 0.5 && f.rising_records >= 2 && f.rise > std::max(1.0, 6 * f.noise)) {
    w.supports(2, "after a calm stretch the loss jumped in the record after " + step_text(f, *f.onset) +
                      ", and went on from there");
  } else if (f.rising_records == 1 && f.rise > std::max(1.0, 6 * f.noise)) {
    w.supports(2.5, "at " + step_text(f, f.crest) + " the loss jumped " + factor_text(f.rise) + " in one record");
  } else if (broke_at_once(f)) {
    w.supports(0.5 * weight_of_break(f), "the loss was normal in the record before it was no number");
    if (f.bad_is_nan) w.supports(0.3, "it went straight to NaN, as one broken example makes it");
  }
  if (!f.first_bad && f.rise > std::max(0.4, 4 * f.noise) && (f.end < f.level_before + 0.6 * f.rise) && (*f.onset > 1))
    w.supports(1.5, "it has been falling again since " + step_text(f, f.crest));
  if (f.first_bad && f.rise > 7) w.opposes(1, "it went on growing after that");
  if (leapt(f)) w.supports(1, "it grew a thousandfold in a single step, without warning");
  if (weights_grew(f)) w.opposes(1, "the norm of the weights grew over several records");
  if (const std::string change = speed_change(f); !change.empty())
    w.supports(0.7, change + ": something around the run changed there, such as its data or its machine");
  if (f.rate_rose) w.opposes(2, "the learning rate had just risen");
  if (*f.onset <= 1) w.opposes(f.first_bad ? 1 : 1.5, "it happened in the first records");
}

}  // namespace

CauseSpec bad_batch() {
  return {"bad_batch", "one bad batch of data", LogVerdict::not_learning_rate,
          "Look at the examples of that step: values that are not finite, far out of range, or wrong labels. Clip the "
          "gradient norm, or skip a step whose loss is far above the usual.",
          weigh};
}

}  // namespace etamax::causes
