// Overflow in reduced precision: normal values, then infinity in one step, and a loss scale that falls
// without end.
#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  const bool collapsed = f.scale_high && *f.scale_low <= *f.scale_high / 16;
  if (!f.first_bad) {
    w.opposes(5, "the log does not end with losses that are no numbers");
    return;
  }
  if (collapsed)
    w.supports(4, "the loss scale fell from " + value_text(*f.scale_high) + " to " + value_text(*f.scale_low));
  else if (f.scale_high)
    w.opposes(2, "the loss scale did not collapse");
  else
    w.opposes(0.3, "the log has no loss scale");
  if (!f.onset) return;
  if (broke_at_once(f)) {
    w.supports(weight_of_break(f), "the loss was normal in the record before it was no number");
    w.supports(f.bad_is_nan ? 0 : 1,
               f.bad_is_nan ? "overflow ends in NaN sooner or later" : "it went to infinity, not to NaN");
  } else {
    w.opposes(2.5, "the loss rose before it was no number");
  }
  if (f.gradient_bad && f.gradient_rising == 0)
    w.supports(0.5, "the gradient norm became infinite without growing before");
  if (weights_survived(f))
    w.supports(1.5, "the weights are as before, so the steps were skipped, as loss scaling does at an overflow");
  if (weights_grew(f)) w.opposes(1, "the norm of the weights grew before");
  if (f.rate_rose) w.opposes(1.5, "the learning rate had just risen");
}

}  // namespace

CauseSpec overflow() {
  return {"overflow", "overflow in reduced precision", LogVerdict::not_learning_rate,
          "Run the step in float32 or bfloat16; keep sums, softmax and norms in float32.", weigh};
}

}  // namespace etamax::causes
