#include "etamax/tune/options.h"

namespace etamax {

Fields fields(TuneOptions& o) {
  return {
      {Group::runs,
       "steps",
       &o.steps,
       "Steps of the real run, for which the answer holds",
       Range::at_least(16),
       {.required = true}},
      {Group::runs, "batch_size", &o.batch_size, "Examples per step of the real run; 0 takes all of them",
       Range::at_least(0)},
      {Group::runs,
       "schedule",
       &o.schedule,
       "Learning-rate schedule of the real run",
       {},
       {.words = {"constant", "cosine", "linear"}}},
      {Group::runs, "budget", &o.budget, "Cost of tuning, in real runs", Range::positive(), {.unit = "runs"}},
      {Group::runs, "seeds", &o.seeds, "Random starts that the learning rate must hold for", Range::from_to(1, 1000)},
      {Group::runs,
       "state",
       &o.state,
       "File that keeps the progress, from which an interrupted tuning carries on",
       {},
       {.placeholder = "FILE"}},
  };
}

}  // namespace etamax
