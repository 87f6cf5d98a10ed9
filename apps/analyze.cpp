#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/analyze_options.h"
#include "etamax/report/analysis.h"
#include "options.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

constexpr int kNotBelowTheEdge = 4;

struct Arguments {
  AnalyzeRequest request;
  std::string lr, confidence = "0.999", gap = "0.1", batch_size, samples, chunk = "4096", steps = "200",
                  warm_steps = "50";
  bool check = false, no_culprits = false;
  OptimizerOptions optimizer;
  CommonOptions common;
};

AnalyzeRequest request_from(const Arguments& arguments) {
  AnalyzeRequest request = arguments.request;
  AnalyzeOptions& options = request.options;
  check_common_options(arguments.common);
  options.optimizer = chosen_optimizer(arguments.optimizer);
  options.settings = read_settings(arguments.optimizer);
  if (!arguments.lr.empty()) options.lr = read_number("--lr", arguments.lr);
  options.confidence.reset();
  if (arguments.confidence != "none") options.confidence = read_number("--confidence", arguments.confidence);
  options.gap = read_number("--gap", arguments.gap);
  if (!arguments.batch_size.empty()) options.batch_size = read_whole("--batch-size", arguments.batch_size, 1, kLargest);
  if (!arguments.samples.empty()) options.samples = read_whole("--samples", arguments.samples, 1, kLargest);
  options.chunk = read_whole("--chunk", arguments.chunk, 1, kLargest);
  options.steps = read_whole("--steps", arguments.steps, 0, 1000000);
  options.warm_steps = read_whole("--warm-steps", arguments.warm_steps, 0, 1000000);
  options.culprits = !arguments.no_culprits;
  options.seed = static_cast<std::uint64_t>(read_whole("--seed", arguments.common.seed, 0, kLargest));
  return request;
}

/// --check needs a rate, and an optimizer that has an edge for it to be below.
void check_can_be_made(const Arguments& arguments, const AnalyzeRequest& request) {
  if (!arguments.check) return;
  if (!request.options.lr) throw InputError("--check: needs the learning rate that is to be checked, --lr");
  const OptimizerSpec& optimizer = find_optimizer(request.options.optimizer);
  if (!optimizer.recurrence)
    throw InputError("--check: " + optimizer.name + " has no stability edge: " + optimizer.no_recurrence_reason);
}

int run(const Arguments& arguments) {
  AnalyzeRequest request = request_from(arguments);
  check_can_be_made(arguments, request);
  Status status(arguments.common.quiet);
  ready_tensors(request.options, arguments.common, status);
  const Analysis answer = analyze(request);
  status.clear();
  const int delivered = deliver(answer, arguments.common);
  if (delivered != 0 || !arguments.check) return delivered;
  return answer.yours && answer.yours->stable == true ? 0 : kNotBelowTheEdge;
}

}  // namespace

void add_analyze(CLI::App& program, const std::string& called, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = program.add_subcommand(kTensorVerbs[0].name, kTensorVerbs[0].summary);
  if (called != verb->get_name()) return;
  const auto add = [&](const char* name, std::string& value, const char* help) { verb->add_option(name, value, help); };
  AnalyzeRequest& request = arguments->request;
  add_model_options(*verb, request);
  add("--checkpoint", request.checkpoint, "A file with weights, and the optimizer's state");
  add("--lr", arguments->lr, "Your learning rate: what will happen, and why?");
  verb->add_flag("--check", arguments->check, "Exit with 4 unless --lr is below the edge");
  add_optimizer_options(*verb, arguments->optimizer);
  add("--batch-size", arguments->batch_size, "Of the runs (all examples)");
  add("--samples", arguments->samples, "Analyse so many examples, at random (all)");
  verb->add_flag("--standardize", request.options.standardize, "Each input less its mean, over its deviation");
  add("--chunk", arguments->chunk, "Examples at once in memory (4096)");
  add("--steps", arguments->steps, "Of each short run; 0: none (200)");
  add("--warm-steps", arguments->warm_steps, "For the preconditioner (50)");
  add("--gap", arguments->gap, "How narrow the interval of the curvature shall be (0.1)");
  add("--confidence", arguments->confidence, "Of that interval; none: a point estimate (0.999)");
  verb->add_flag("--no-culprits", arguments->no_culprits, "Do not look for layers, inputs and examples to blame");
  add("--device", request.options.device, "cpu, cuda or cuda:NUMBER (cpu)");
  add("--dtype", request.options.dtype, "float32 or float64 (float32)");
  add_common_options(*verb, arguments->common, ".html, .svg, .png or .json");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace etamax::apps
