// Wrong from the first step on: data that are not numbers, labels that say nothing, a bug in the loss.
#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (!f.onset && f.first_bad) {
    w.supports(4, "the first loss of the log is no number already");
    if (f.step.front() > 1) w.opposes(1.5, "the first record is of " + step_text(f, 0) + ", not of the first step");
    return;
  }
  if (f.ending == Ending::never_moved) {
    w.supports(4.5, "the loss never fell clearly below its first value, " + value_text(f.raw.front()) + ", nor rose");
    return;
  }
  if (f.ending == Ending::good && f.constant_guess > 0) {
    w.supports(3, "it came to rest at " + value_text(f.raw.back()) + ", about ln " + std::to_string(f.constant_guess) +
                      ": the loss of a constant guess");
    return;
  }
  w.opposes(4, f.best < f.start - 0.2 ? "the loss had fallen before" : "the first losses are normal");
}

}  // namespace

CauseSpec data_or_bug() {
  return {"data_or_bug", "the data or a bug: it was wrong from the first step", LogVerdict::not_learning_rate,
          "Check one batch by hand: inputs finite and scaled, labels in range and in the right order, the "
          "loss of a constant guess. Then see whether ten examples can be memorized.",
          weigh};
}

}  // namespace etamax::causes
