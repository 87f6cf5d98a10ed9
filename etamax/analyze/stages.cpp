#include "etamax/analyze/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "etamax/core/error.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/failing_run.h"
#include "etamax/curvature/mini_batch.h"
#include "etamax/curvature/sampling.h"
#include "etamax/curvature/starting_position.h"

namespace etamax {
namespace {

constexpr double kUsualRate = 1e-3;  // where no edge is known
constexpr const char* kNotOurs = "not a matter of the learning rate; look at the inputs and the weights";

bool always(const AnalysisWork&) { return true; }

/// The loss and its gradient at the start. Both must be finite: what is not has nothing to do with a learning rate.
void measure_start(AnalysisWork& work) {
  Analysis& a = work.answer;
  if (work.f.examples()) {
    work.losses = work.f.examples()->losses();
    const auto finite = [](double x) { return std::isfinite(x); };
    const auto bad = std::find_if_not(work.losses.begin(), work.losses.end(), finite);
    if (bad != work.losses.end())
      throw InputError(
          "model",
          fmt::format(
              "before any step the loss of example {} is {} ({} of {} examples are not finite): not a matter of the "
              "learning rate; look at its inputs and the weights",
              work.problem.example_in_data(bad - work.losses.begin()), *bad,
              std::count_if(work.losses.begin(), work.losses.end(), std::not_fn(finite)), work.losses.size()));
    a.loss_value =
        std::accumulate(work.losses.begin(), work.losses.end(), 0.0) / static_cast<double>(work.losses.size());
  } else {
    a.loss_value = work.f.loss();
    if (!std::isfinite(a.loss_value))
      throw InputError("model", fmt::format("before any step the loss is {}: {}", a.loss_value, kNotOurs));
  }
  a.chance_loss = work.f.baseline();
  const Vector g = work.f.gradient();
  for (const ParameterBlock& block : work.f.blocks())
    if (!g.part(block.from, block.to).all_finite())
      throw InputError(
          "model",
          fmt::format(
              "before any step the gradient of {} is not finite, though the loss is: not a matter of the learning rate",
              block.name));
  a.gradient_norm = std::sqrt(g.dot(g));
  work.runs = {work.options.batch_size,
               work.options.steps,
               a.chance_loss,
               work.options.progress,
               {work.options.schedule, work.options.steps, work.options.warmup},
               work.options.clip};
}

OptimizerPosition position_at_start(AnalysisWork& work) {
  const AnalyzeOptions& o = work.options;
  OptimizerPosition position =
      starting_position(work.problem, {o.preconditioner_steps, o.batch_size, o.seed, true, o.progress});
  work.answer.cost.gradients += position.gradients_64;
  return position;
}

void find_edge(AnalysisWork& work) {
  work.probe.emplace(work.f, work.problem.optimizer(), position_at_start(work));
  work.top = work.probe->look(work.probe_options(work.batched() || work.options.culprits));
  work.answer.curvature = work.top.curvature;
  work.answer.edge = work.top.edge;
  work.answer.cost.hvps += work.top.products_64;
  if (work.top.interrupted) throw Interrupted();
}

bool is_sample(const AnalysisWork& work) { return work.problem.all_examples() != nullptr; }
void find_sampling_error(AnalysisWork& work) {
  work.answer.sampling = sampling_error(*work.problem.all_examples(), work.f.examples()->count(), work.options.seed + 1,
                                        work.options.progress, work.answer.cost);
}

bool wants_top(const AnalysisWork& work) { return work.batched() || work.options.culprits; }
/// What lies along the top eigenvector: the mini-batch edge, the layers, the examples.
void attribute(AnalysisWork& work) {
  if (work.options.culprits) work.answer.culprits.inputs = attribute_inputs(work.problem.input_columns());
  if (!work.top.direction) {  // no operator to have one
    if (work.batched()) {
      MiniBatchEdge& edge = work.answer.mini_batch.emplace();
      edge.batch_size = work.options.batch_size;
      edge.reason = work.top.edge.reason;
    }
    return;
  }
  PreconditionedHessian& hessian = work.probe->hessian();
  const Vector direction = hessian.in_parameters(work.top.direction);
  std::vector<double> curvatures;
  if (work.f.examples()) curvatures = work.f.examples()->curvatures(direction);
  const Optimizer& optimizer = work.problem.optimizer();
  if (work.batched()) {
    // Decay's share of the curvature along a direction u of the parameters is d |u|^2.
    const double decay = optimizer.gradient_decay() * direction.dot(direction);
    work.answer.mini_batch = mini_batch_edge(
        work.f, curvatures,
        {optimizer, work.options.batch_size, work.probe->position().lr_scale, decay, work.options.seed});
  }
  if (!work.options.culprits) return;
  work.answer.culprits.layers = attribute_layers(work.f, hessian, work.top.direction, work.top.roundoff,
                                                 work.options.seed, work.options.progress);
  attribute_examples(work.answer.culprits, curvatures, work.losses);
  for (ExampleShare& example : work.answer.culprits.examples)
    example.example = work.problem.example_in_data(example.example);
}

bool inputs_dominate(const AnalysisWork& work) { return !work.answer.culprits.inputs.empty(); }
/// A cause is shown by taking it away: the edge with each column at the same scale.
void standardize_inputs(AnalysisWork& work) {
  const std::unique_ptr<Problem> standardized = work.problem.standardized();
  if (!standardized) return;
  AnalysisWork other{*standardized, standardized->objective(), work.options};
  Probe probe(other.f, standardized->optimizer(), position_at_start(other));
  const Probe::Finding top = probe.look(work.probe_options(false));
  work.answer.cost.hvps += other.f.cost().hvps + top.products_64;
  work.answer.cost.gradients += other.f.cost().gradients;
  if (top.interrupted) throw Interrupted();
  work.answer.culprits.standardized_lambda_max = top.curvature.lambda_max;
  work.answer.culprits.standardized_edge = top.edge;
}

bool wants_runs(const AnalysisWork& work) { return work.options.steps > 0; }
void find_trainable(AnalysisWork& work) {
  if (work.answer.gradient_norm == 0) {
    work.answer.trainable.reason = work.answer.recommended_reason =
        "the gradient is 0 before any step (a minimum, a saddle or a dead network), so that nothing moves";
    return;
  }
  const Interval& edge = work.answer.edge.lr;
  double around = kUsualRate;
  if (edge.lower && edge.upper)
    around = std::sqrt(*edge.lower * *edge.upper);
  else if (edge.upper)
    around = *edge.upper;
  std::vector<double> also;
  if (work.options.lr) also.push_back(*work.options.lr);
  work.starts = starts_of(work.problem, work.options.seed, work.options.starts, work.runs);
  TrainableSearch(work.problem, work.starts, work.runs).search(around, also, work.answer);
}

std::optional<double> known_edge(const Analysis& a) { return a.edge.lr.lower ? a.edge.lr.lower : a.edge.lr.upper; }
/// The edge at the first weights says nothing of a run that fails below it: why it does is found out by experiment.
bool fails_below_edge(const AnalysisWork& work) {
  const std::optional<double> lr = work.answer.trainable.lr.upper, edge = known_edge(work.answer);
  return work.options.culprits && lr && edge && *lr < *edge;
}
void explain_failure(AnalysisWork& work) {
  Analysis& a = work.answer;
  a.cost.hvps += explain_failing_run(work.problem, {*a.trainable.lr.upper, *known_edge(a)}, work.starts.all.front(),
                                     work.runs, reference_of({&a.runs, &a.other_starts}, a.chance_loss),
                                     work.probe_options(true), a.failing.emplace());
}

constexpr AnalysisStage kStages[] = {
    {"loss and gradient", always, measure_start},
    {"curvature", always, find_edge},
    {"sampling error", is_sample, find_sampling_error},
    {"layers and examples", wants_top, attribute},
    {"standardized inputs", inputs_dominate, standardize_inputs},
    {"runs", wants_runs, find_trainable},
    {"the run that fails below the edge", fails_below_edge, explain_failure},
};

}  // namespace

std::span<const AnalysisStage> analysis_stages() { return kStages; }

}  // namespace etamax
