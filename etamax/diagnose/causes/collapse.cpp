// Collapse: after a spike the loss stands still at the level of guessing, with dead units or saturated
// outputs.
#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (f.ending == Ending::at_start) {
    w.supports(2.5, "it ends at the level of its start, " + value_text(f.raw[f.raw.size() - 1]) + ", as by guessing");
    if (f.end_noise < 0.02)
      w.supports(2, "it hardly moves there");
    else if (f.end_noise < 0.1)
      w.supports(1, "it moves little there");
    if (f.constant_guess > 0)
      w.supports(1.5, "that is about ln " + std::to_string(f.constant_guess) + ", the loss of a constant guess");
    if (f.rise > 1) w.supports(1, "it stood higher before: a spike led there");
    if (f.best < f.start - 0.2) w.supports(1, "it had been " + factor_text(f.start - f.best) + " lower before");
    return;
  }
  if (f.ending == Ending::above_start && f.end_noise < 0.01) {
    w.supports(1, "it stands still at " + value_text(f.raw[f.raw.size() - 1]));
    return;
  }
  w.opposes(4, f.ending == Ending::not_a_number ? "a collapsed run has finite losses"
                                                : "it does not stand still at its first level");
}

}  // namespace

CauseSpec collapse() {
  return {"collapse", "a collapse to guessing: dead units or saturated outputs", LogVerdict::collapse,
          "A learning rate that was too high for a few steps usually did this: lower it, or warm it up, and "
          "start again from before the onset; these weights do not recover.",
          weigh};
}

}  // namespace etamax::causes
