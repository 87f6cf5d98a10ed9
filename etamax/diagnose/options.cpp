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
       {.usual = "by its content", .placeholder = "NAME"}},
      {Group::problem,
       "column",
       &o.column,
       "Column to diagnose",
       {},
       {.usual = "the one that looks most like a training loss", .placeholder = "NAME"}},
      {Group::problem,
       "step_column",
       &o.step_column,
       "Column that counts the steps",
       {},
       {.usual = "the one that looks most like it; without one, records are counted", .placeholder = "NAME"}},
      {Group::problem,
       "lr",
       &o.lr,
       "Learning rate of the run, where the log has none or another",
       Range::positive(),
       {.usual = "the log's"}},
      {Group::problem,
       "expression",
       &o.expression,
       "Function whose iterates the log holds: finds the learning rate that they are from",
       {},
       {.placeholder = "EXPR"}},
  };
}

}  // namespace etamax
