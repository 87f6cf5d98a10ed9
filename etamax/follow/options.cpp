#include "etamax/follow/options.h"

namespace etamax {

Fields fields(FollowingOptions& o) {
  return {
      {Group::runs,
       "lr",
       &o.lr,
       "Learning rate of the training, or several: one training each",
       Range::positive(),
       {.required = true}},
      {Group::runs, "steps", &o.steps, "Steps of each training", Range::from_to(4, 10000000)},
      {Group::runs, "batch_size", &o.batch_size, "Batch size; 0 takes all examples", Range::at_least(0)},
      {Group::runs,
       "schedule",
       &o.schedule,
       "Learning-rate schedule, whose peak is the learning rate",
       {},
       {.words = {"constant", "cosine", "linear"}}},
      {Group::runs, "warmup", &o.warmup, "Steps over which the rate rises to its peak", Range::at_least(0)},
      {Group::runs,
       "clip",
       &o.clip,
       "Clip the norm of the gradients to this",
       Range::positive(),
       {.usual = "as they come"}},
      {Group::runs, "budget", &o.budget, "What looks at the curvature may cost, as a part of what the steps cost",
       Range::positive()},
      {Group::runs, "certify", &o.certify,
       "Looks with certified bounds, as far as the budget pays for them: the first, the last, others between",
       Range::from_to(0, 1000)},
      {Group::runs,
       "state",
       &o.state,
       "File that keeps the progress; one that was interrupted resumes from it",
       {},
       {.placeholder = "FILE"}},
      {Group::runs, "look_examples", &o.look_examples,
       "Examples whose curvature is looked at; 0: all, or as many as the budget has room for", Range::at_least(0)},
      {Group::runs, "gap", &o.gap, "Relative width to which certified bounds are narrowed", Range::between(0, 1)},
      {Group::runs, "confidence", &o.confidence, "Confidence of those bounds", Range::between(0, 1)},
  };
}

}  // namespace etamax
