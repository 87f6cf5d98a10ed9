#include "etamax/tune/trials.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "etamax/core/format.h"
#include "etamax/curvature/probe.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/tune/spending.h"

namespace etamax {
namespace {

/// A share of the budget is all that the edge may cost: what a float32 loses is far below this gap, and is added at the
/// end.
ProbeOptions probe_options(const TuneOptions& options) {
  return {
      0.99, 0.3, static_cast<std::size_t>(kEdgeProducts), options.seed, false, /*roundoff=*/false, options.progress};
}

}  // namespace

Trials::Trials(Problem& problem, const TuneOptions& options, const TuningTerms& terms, double start_loss)
    : problem_(problem), options_(options), terms_(terms), start_loss_(start_loss) {}

TuningResult Trials::make(const TuningRequest& request, const Ledger& ledger) {
  if (const auto* edge = std::get_if<EdgeRequest>(&request)) return edge_at_start(*edge);
  if (const auto* wanted = std::get_if<TrialRequest>(&request)) return trial(*wanted, ledger);
  return edges_along_warmup(std::get<WarmupEdgesRequest>(request));
}

/// On so many of the examples to train on, at the parameters as they are; null: on all.
std::unique_ptr<Objective> Trials::objective_on(std::int64_t examples) {
  Examples* all = problem_.objective().examples();
  return all ? all->objective_on(all->sample(examples, options_.seed + 1)) : nullptr;
}

StartFinding Trials::edge_at_start(const EdgeRequest& request) {
  if (options_.stage) options_.stage("stability edge at the start");
  problem_.objective().set_parameters(problem_.start(options_.seed));
  // At rate 0 the weights stay at the start.
  OptimizerPosition position =
      starting_position(problem_, {kPreconditionerSteps, options_.batch_size, options_.seed, false, options_.progress});
  const std::unique_ptr<Objective> sample = objective_on(request.examples);
  Objective& f = sample ? *sample : problem_.objective();
  Probe probe(f, problem_.optimizer(), position);
  const Probe::Finding found = probe.look(probe_options(options_));
  if (found.interrupted) throw Interrupted();
  products_ += found.curvature.hvps;
  StartFinding start{found.edge, {}};
  const auto [loss, gradient] = f.loss_and_gradient();
  Vector scaled = gradient;
  if (position.preconditioner) scaled.divide(*position.preconditioner);
  const double slope = gradient.dot(scaled);
  if (slope > 0 && std::isfinite(slope) && loss > 0) start.polyak_rate = loss / slope;
  return start;
}

RunRecord Trials::trial(const TrialRequest& request, const Ledger& ledger) {
  if (options_.stage)
    options_.stage(fmt::format("trial run ({}, seed {}, to step {})", request.purpose, request.seed, request.steps));
  std::unique_ptr<TrialRun>& run = runs_[{request.lr, request.seed, request.warmup_steps}];
  if (!run) {
    run = std::make_unique<TrialRun>(problem_, options_, terms_, start_loss_, request.lr, request.seed,
                                     request.warmup_steps);
    // Carried on from a state file: made again up to there.
    if (const long made = ledger.made_before(request); made > 0) run->train_to(made);
  }
  const RunRecord record = run->train_to(request.steps);
  if (record.verdict == Verdict::diverges) run.reset();  // it cannot be carried on
  return record;
}

std::vector<EdgeAtStep> Trials::edges_along_warmup(const WarmupEdgesRequest& request) {
  if (options_.stage) options_.stage("stability edge along a warmup");
  problem_.objective().set_parameters(problem_.start(options_.seed));
  const std::unique_ptr<Objective> sample = objective_on(request.examples);
  Objective& f = sample ? *sample : problem_.objective();
  Training warmup(problem_.run({options_.batch_size, options_.seed}),
                  {request.lr,
                   {options_.schedule, options_.steps, request.steps},
                   std::numeric_limits<double>::infinity(),
                   options_.progress});
  std::vector<EdgeAtStep> edges;
  warmup.train_to(request.steps, [&](const Training::Shown& shown) {
    if (!shown.run.parameters().all_finite()) return false;
    for (int look = 1; look <= request.looks; ++look) {
      if (shown.step != request.steps >> (request.looks - look)) continue;
      Probe probe(f, problem_.optimizer(), OptimizerPosition::of(shown.run, problem_.optimizer()));
      const Probe::Finding found = probe.look(probe_options(options_));
      if (found.interrupted) throw Interrupted();
      products_ += found.curvature.hvps;
      edges.push_back({shown.step, shown.loss, found.edge.lr});
    }
    return true;
  });
  return edges;
}

}  // namespace etamax
