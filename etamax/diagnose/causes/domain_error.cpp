// An operation left its domain (log of 0, 0/0, the square root of a negative): NaN without growth before.
#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (!f.first_bad) {
    w.opposes(5, "the log does not end with losses that are no numbers");
    return;
  }
  if (!f.onset) {
    w.opposes(1, "it was no number from the first record on");
    return;
  }
  if (broke_at_once(f)) {
    w.supports(1.5 * weight_of_break(f), "the loss was normal in the record before it was no number, so nothing grew");
    w.supports(f.bad_is_nan ? 0.7 : 0.3, f.bad_is_nan ? "it went straight to NaN" : "log(0) gives infinity");
    if (f.level_before < f.start - 0.7)
      w.supports(0.7, "training went well until then: the loss had fallen " + factor_text(f.start - f.level_before));
  } else {
    w.opposes(2.5, "the loss rose before it was no number");
  }
  if (weights_survived(f))
    w.opposes(1, "the weights are as before, and a NaN from an operation would have reached them");
  else if (weights_held(f))
    w.supports(f.records_per_line < 5 ? 0.5 : 0.2, "the norm of the weights had hardly changed before");
  if (f.scale_high && *f.scale_low <= *f.scale_high / 16) w.opposes(1, "the loss scale collapsed");
  if (f.rate_rose) w.opposes(2, "the learning rate had just risen");
}

}  // namespace

CauseSpec domain_error() {
  return {"domain_error", "an operation without a result, such as log(0) or 0/0", LogVerdict::not_learning_rate,
          "Look for log, sqrt, division and norms in the loss: use log-softmax or logits, add an epsilon inside. "
          "torch.autograd.set_detect_anomaly(True) names the operation.",
          weigh};
}

}  // namespace etamax::causes
