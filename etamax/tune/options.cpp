#include "etamax/tune/options.h"

namespace etamax {

Fields fields(TuneOptions& o) {
  return {
      {Group::runs,
       "steps",
       &o.steps,
       "Length of the real run in steps; the answer holds for that length",
       Range::at_least(16),
       {.required = true}},
      {Group::runs, "batch_size", &o.batch_size, "Batch size of the real run; 0 takes all examples",
       Range::at_least(0)},
      {Group::runs,
       "schedule",
       &o.schedule,
       "Learning-rate schedule of the real run",
       {},
       {.words = {"constant", "cosine", "linear"}}},
      {Group::runs, "budget", &o.budget, "Search budget, in full training runs", Range::positive(), {.unit = "runs"}},
      {Group::runs, "seeds", &o.seeds, "Random seeds with which the recommended learning rate must train",
       Range::from_to(1, 1000)},
      {Group::runs,
       "state",
       &o.state,
       "File that keeps the progress; an interrupted search resumes from it",
       {},
       {.placeholder = "FILE"}},
  };
}

}  // namespace etamax
