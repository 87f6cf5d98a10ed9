#include "etamax/analyze/options.h"

namespace etamax {

Fields fields(AnalyzeOptions& o) {
  return {
      {Group::runs, "lr", &o.lr, "Your learning rate: predicts what it will do, and why", Range::positive()},
      {Group::runs, "batch_size", &o.batch_size, "Batch size of the trial runs; 0 takes all examples",
       Range::at_least(0)},
      {Group::runs, "steps", &o.steps, "Steps per trial run; 0 disables them",
       Range::either(0, Range::from_to(4, 1000000))},
      {Group::runs, "starts", &o.starts,
       "Random starts (weights, order of the examples) from which the largest trainable rate is tried; the best rates are "
       "tried from as many again",
       Range::from_to(1, 100)},
      {Group::runs,
       "schedule",
       &o.schedule,
       "Learning-rate schedule of a run, whose rate is its peak",
       {},
       {.words = {"constant", "cosine", "linear"}}},
      {Group::runs, "warmup", &o.warmup, "Steps of a run over which its rate rises to the peak", Range::at_least(0)},
      {Group::runs,
       "clip",
       &o.clip,
       "Clip the norm of a run's gradients to this",
       Range::positive(),
       {.usual = "as they come"}},
      {Group::runs, "preconditioner_steps", &o.preconditioner_steps,
       "Gradients from which an adaptive optimizer's preconditioner is built up; 0: until the edge settles",
       Range::from_to(0, 1000000)},
      {Group::runs, "gap", &o.gap, "Relative width to which the bounds on the sharpness (lambda_max) are narrowed",
       Range::between(0, 1)},
      {Group::runs,
       "confidence",
       &o.confidence,
       "Confidence of the bounds on the sharpness (lambda_max); none gives a point estimate",
       Range::between(0, 1),
       {.none = true}},
      {Group::runs, "culprits", &o.culprits, "Look for the layers, inputs and examples that cause the curvature"},
  };
}

}  // namespace etamax
