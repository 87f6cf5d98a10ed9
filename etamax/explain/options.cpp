#include "etamax/explain/options.h"

#include "etamax/expr/objective_table.h"

namespace etamax {

Fields fields(ExplainOptions& o) {
  std::vector<std::string> named;
  for (const ObjectiveSpec& spec : named_objectives()) named.push_back(spec.name);
  return {
      {Group::problem,
       "expression",
       &o.expression,
       "Function to minimize: an expression such as x^2, or a named one such as rosenbrock or quadratic(condition=100)",
       {},
       {.known = named, .placeholder = "EXPR", .positional = true, .required = true}},
      {Group::problem,
       "start",
       &o.start,
       "Starting point: x=-1,y=2, or -1,2 in the variables' order; a single number sets every variable",
       {},
       {.option = "from", .required = true}},
      {Group::runs,
       "lr",
       &o.lr,
       "Learning rates: 0.8,1.2, or a range start:stop:step",
       Range::positive(),
       {.required = true}},
      {Group::runs, "steps", &o.follow.shown_steps, "Steps to show", Range::from_to(0, 10000)},
      {Group::runs, "max_steps", &o.follow.max_steps, "Maximum steps to follow each run for its verdict",
       Range::from_to(1, 1000000)},
      {Group::runs, "observed", &o.observed,
       "Iterates from an article or a log, after the start: finds the learning rate that produced them"},
      {Group::runs, "observed_lr", &o.observed_lr, "Learning rate claimed for the observed iterates",
       Range::positive()},
  };
}

}  // namespace etamax
