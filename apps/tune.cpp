#include <memory>

#include "etamax/core/error.h"
#include "etamax/model/analyze_options.h"
#include "etamax/model/tune_options.h"
#include "etamax/report/tuning.h"
#include "options.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

struct Arguments {
  TuneRequest request;
  std::string steps, batch_size, budget = "3", seeds = "3", validation = "0.2", chunk = "4096";
  OptimizerOptions optimizer;
  CommonOptions common;
};

TuneRequest request_from(const Arguments& arguments) {
  TuneRequest request = arguments.request;
  TuneOptions& options = request.options;
  check_common_options(arguments.common);
  options.optimizer = chosen_optimizer(arguments.optimizer);
  options.settings = read_settings(arguments.optimizer);
  if (arguments.steps.empty())
    throw InputError("--steps: how many steps will the real run make? The best rate depends on it");
  options.steps = read_whole("--steps", arguments.steps, 0, 1e9);
  if (!arguments.batch_size.empty()) options.batch_size = read_whole("--batch-size", arguments.batch_size, 1, kLargest);
  options.budget = read_number("--budget", arguments.budget);
  options.seeds = read_whole("--seeds", arguments.seeds, 1, 1000);
  options.validation = read_number("--validation", arguments.validation);
  options.chunk = read_whole("--chunk", arguments.chunk, 1, kLargest);
  options.seed = static_cast<std::uint64_t>(read_whole("--seed", arguments.common.seed, 0, kLargest));
  return request;
}

int run(const Arguments& arguments) {
  TuneRequest request = request_from(arguments);
  Status status(arguments.common.quiet);
  ready_tensors(request.options, arguments.common, status);
  const Tuning answer = tune(request);
  status.clear();
  return deliver(answer, arguments.common);
}

}  // namespace

void add_tune(CLI::App& program, const std::string& called, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = program.add_subcommand(kTensorVerbs[1].name, kTensorVerbs[1].summary);
  if (called != verb->get_name()) return;
  const auto add = [&](const char* name, std::string& value, const char* help) { verb->add_option(name, value, help); };
  TuneRequest& request = arguments->request;
  add_model_options(*verb, request);
  add("--steps", arguments->steps, "Of the real run: the answer holds for that many");
  add_optimizer_options(*verb, arguments->optimizer);
  add("--batch-size", arguments->batch_size, "Of the real run (all examples)");
  add("--schedule", request.options.schedule, "constant, cosine or linear (constant)");
  add("--budget", arguments->budget, "What tuning may cost, in real runs (3)");
  add("--seeds", arguments->seeds, "Starts that the rate shall hold for (3)");
  add("--validation", arguments->validation, "Share of the examples held out to judge by; 0: the training loss (0.2)");
  verb->add_flag("--standardize", request.options.standardize, "Each input less its mean, over its deviation");
  add("--state", request.options.state, "Keep the progress in this file, and carry on from it");
  add("--chunk", arguments->chunk, "Examples at once in memory (4096)");
  add("--device", request.options.device, "cpu, cuda or cuda:NUMBER (cpu)");
  add("--dtype", request.options.dtype, "float32 or float64 (float32)");
  add_common_options(*verb, arguments->common, ".html, .svg, .png or .json");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace etamax::apps
