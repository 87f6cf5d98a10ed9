#include "etamax/diagnose/options.h"

#include "etamax/core/format.h"
#include "etamax/diagnose/format.h"

namespace etamax {

Fields fields(DiagnoseOptions& o) {
  std::vector<std::string> formats;
  for (const FormatSpec& format : log_formats()) formats.push_back(format.name);
  return {
      {Group::problem,
       "format",
       &o.format,
       "Format of the log: " + alternatives(formats),
       {},
       {.known = formats, .usual = "detected", .placeholder = "NAME"}},
      {Group::problem,
       "column",
       &o.column,
       "Column to diagnose",
       {},
       {.usual = "the one that looks most like a training loss", .placeholder = "NAME"}},
      {Group::problem,
       "step_column",
       &o.step_column,
       "Column with the step numbers",
       {},
       {.usual = "detected; without one, records are counted", .placeholder = "NAME"}},
      {Group::problem,
       "lr",
       &o.lr,
       "Learning rate of the run, if the log lacks it or has another",
       Range::positive(),
       {.usual = "from the log"}},
      {Group::problem,
       "expression",
       &o.expression,
       "Function whose iterates the log contains: finds the learning rate that produced them",
       {},
       {.placeholder = "EXPR"}},
  };
}

}  // namespace etamax
