#include "etamax/diagnose/cause.h"

namespace etamax {

const std::array<CauseSpec, kCauses>& known_causes() {
  static const std::array<CauseSpec, kCauses> all = {{
      {"learning_rate", "too high a learning rate", LogVerdict::learning_rate,
       "Lower the learning rate, or warm it up more slowly, and start again from before the onset."},
      {"collapse", "a collapse to guessing: dead units or saturated outputs", LogVerdict::collapse,
       "A learning rate that was too high for a few steps usually did this: lower it, or warm it up, and start again "
       "from before the onset; these weights do not recover."},
      {"bad_batch", "one bad batch of data", LogVerdict::not_learning_rate,
       "Look at the examples of that step: values that are not finite, far out of range, or wrong labels. Clip the "
       "gradient norm, or skip a step whose loss is far above the usual."},
      {"overflow", "overflow in reduced precision", LogVerdict::not_learning_rate,
       "Run the step in float32 or bfloat16; keep sums, softmax and norms in float32."},
      {"domain_error", "an operation without a result, such as log(0) or 0/0", LogVerdict::not_learning_rate,
       "Look for log, sqrt, division and norms in the loss: use log-softmax or logits, add an epsilon inside. "
       "torch.autograd.set_detect_anomaly(True) names the operation."},
      {"data_or_bug", "the data or a bug: it does not learn", LogVerdict::not_learning_rate,
       "Check one batch by hand: inputs finite and scaled, labels in range and in the right order, the loss of a "
       "constant guess. Then see whether ten examples can be memorized."},
      // The edge of stability under full batches (Cohen et al., 2021), or Adam's preconditioner lagging behind (Cohen
      // et al., arXiv 2207.14484).
      {"recovering_spikes", "spikes that recover by themselves, at the edge of stability", LogVerdict::healthy,
       "The run recovers, so nothing must be done; a rate of half as much, or a smaller beta2 with Adam, makes the "
       "spikes rarer."},
      {"healthy", "nothing is wrong", LogVerdict::healthy, "Nothing needs to be done."},
  }};
  return all;
}

}  // namespace etamax
