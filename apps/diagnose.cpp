#include "etamax/diagnose/diagnose.h"

#include <fmt/format.h>

#include <memory>

#include "etamax/core/error.h"
#include "etamax/diagnose/format.h"
#include "etamax/report/diagnosis.h"
#include "options.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

struct Arguments {
  std::string log, format, lr, column, step_column, expression;
  OptimizerOptions optimizer;
  CommonOptions common;
};

DiagnoseOptions options_from(const Arguments& arguments) {
  check_common_options(arguments.common);
  DiagnoseOptions options;
  options.format = arguments.format;
  options.column = arguments.column;
  options.step_column = arguments.step_column;
  options.expression = arguments.expression;
  if (!arguments.lr.empty()) options.lr = read_number("--lr", arguments.lr);
  options.optimizer = chosen_optimizer(arguments.optimizer);
  options.settings = read_settings(arguments.optimizer);
  options.progress = [](double) { return !interrupted(); };
  return options;
}

int run(const Arguments& arguments) {
  ByteSource log = ByteSource::open(arguments.log);
  return deliver(diagnose(log, options_from(arguments)), arguments.common);
}

std::string format_names() {
  std::string names;
  for (const FormatSpec& format : log_formats()) names += (names.empty() ? "" : ", ") + format.name;
  return names;
}

}  // namespace

void add_diagnose(CLI::App& program, const std::string& called, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = program.add_subcommand("diagnose", "This run went wrong: was it the learning rate?");
  if (called != verb->get_name()) return;
  verb->add_option("LOG", arguments->log, "The training log; - for the standard input")->required();
  verb->add_option("--format", arguments->format, format_names() + " (by what the log looks like)");
  verb->add_option("--column", arguments->column,
                   "The column to diagnose (the one that looks most like a training loss)");
  verb->add_option("--step-column", arguments->step_column, "The column that counts the steps");
  verb->add_option("--lr", arguments->lr, "The learning rate, where the log has none or another");
  verb->add_option("--expression", arguments->expression,
                   "The function whose iterates the log holds: which rate are they from?");
  add_optimizer_options(*verb, arguments->optimizer);
  add_common_options(*verb, arguments->common, ".html, .svg, .png or .json");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace etamax::apps
