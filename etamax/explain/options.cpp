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
       "Starting point, as x=-1,y=2 or, in the variables' order, -1,2; one number alone is the start of every variable",
       {},
       {.option = "from", .required = true}},
      {Group::runs,
       "lr",
       &o.lr,
       "Learning rates, as 0.8,1.2 or as a range, start:stop:step",
       Range::positive(),
       {.required = true}},
      {Group::runs, "steps", &o.follow.shown_steps, "Steps to show", Range::from_to(0, 10000)},
      {Group::runs, "max_steps", &o.follow.max_steps, "Steps to follow each run for its verdict",
       Range::from_to(1, 1000000)},
      {Group::runs, "observed", &o.observed,
       "Iterates seen elsewhere, after the start: finds the learning rate that they are from"},
      {Group::runs, "observed_lr", &o.observed_lr, "Learning rate that the observed iterates are said to be from",
       Range::positive()},
  };
}

}  // namespace etamax
