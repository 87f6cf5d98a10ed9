#include "etamax/dynamics/explain.h"

#include <fmt/format.h>

#include <memory>

#include "etamax/core/error.h"
#include "etamax/report/html.h"
#include "etamax/report/poster.h"
#include "etamax/report/text.h"
#include "options.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

struct Arguments {
  std::string objective, steps = "3", max_steps = "10000", observed_lr;
  std::vector<std::string> from, rates, observed;
  OptimizerOptions optimizer;
  CommonOptions common;
};

/// "x=-1" or "-1": the name, "" where there is none, and the number.
std::pair<std::string, double> read_start(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {"", read_number("--from", text)};
  const std::string name = text.substr(0, equals);
  return {name, read_number("--from " + name, text.substr(equals + 1))};
}

ExplainOptions options_from(const Arguments& arguments) {
  check_common_options(arguments.common);
  ExplainOptions options;
  options.objective = arguments.objective;
  for (const std::string& part : split_list(arguments.from)) options.start.push_back(read_start(part));
  for (const std::string& part : split_list(arguments.rates))
    options.learning_rates.push_back(read_number("--lr", part));
  for (const std::string& part : split_list(arguments.observed))
    options.observed.push_back(read_number("--observed", part));
  if (!arguments.observed_lr.empty()) options.observed_lr = read_number("--observed-lr", arguments.observed_lr);
  options.optimizer = chosen_optimizer(arguments.optimizer);
  options.settings = read_settings(arguments.optimizer);
  options.follow.shown_steps = static_cast<int>(read_whole("--steps", arguments.steps, 0, 10000));
  options.follow.max_steps = read_whole("--max-steps", arguments.max_steps, 1, 1000000);
  options.follow.progress = [](double) { return !interrupted(); };
  return options;
}

int run(const Arguments& arguments) { return deliver(explain(options_from(arguments)), arguments.common); }

}  // namespace

void add_explain(CLI::App& program, const std::string& called, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      program.add_subcommand("explain", "Why does this learning rate converge or diverge on this function?");
  if (called != verb->get_name()) return;
  const auto list = [&](const char* name, std::vector<std::string>& values, const char* help) {
    verb->add_option(name, values, help)->allow_extra_args(false);
  };
  verb->add_option("EXPR", arguments->objective, "The function: x^2, rosenbrock, quadratic(condition=100), ...")
      ->required();
  list("--from", arguments->from, "The start: x=-1,y=2, or -1 where there is one variable");
  list("--lr", arguments->rates, "A learning rate, or several: --lr 0.8,1.0,1.2");
  verb->add_option("--steps", arguments->steps, "Steps to show (3; 0..10000)");
  verb->add_option("--max-steps", arguments->max_steps, "How far the long run is followed (10000; 1..1000000)");
  add_optimizer_options(*verb, arguments->optimizer);
  list("--observed", arguments->observed,
       "Iterates seen elsewhere, after the start: which learning rate are they from?");
  verb->add_option("--observed-lr", arguments->observed_lr, "The learning rate that those are said to be from");
  add_common_options(*verb, arguments->common, ".html, .svg, .png or .json");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace etamax::apps
