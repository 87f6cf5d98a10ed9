// docs/tune.md tells the story; policy.h decides, trials.h carries out.
#include "etamax/tune/tune.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/probe.h"
#include "etamax/problem/batches.h"
#include "etamax/tune/answer.h"
#include "etamax/tune/policy.h"
#include "etamax/tune/trials.h"
#include "etamax/tune/tuning_state.h"

namespace etamax {
namespace {

void check(const TuneOptions& o, Problem& problem) {
  check_fields(o);
  check_batch_size(problem.objective(), o.batch_size);
}

StateJob job_of(Problem& problem, const TuneOptions& o, const TuningTerms& terms, double start_loss) {
  const ProblemDescription about = problem.description();
  const Optimizer& optimizer = problem.optimizer();
  StateJob job = {{"model", about.model},
                  {"data", about.data},
                  {"loss", about.loss},
                  {"optimizer", optimizer.spec->name},
                  {"steps", std::to_string(o.steps)},
                  {"batch size", std::to_string(terms.batch_size)},
                  {"schedule", o.schedule},
                  {"budget", format_number(o.budget)},
                  {"seeds", std::to_string(o.seeds)},
                  {"seed", std::to_string(o.seed)},
                  {"dtype", about.dtype},
                  {"device", about.device},
                  {"examples", std::to_string(terms.training_examples)},
                  {"examples held out", std::to_string(terms.validation_examples)},
                  {"loss at the start", format_number(start_loss, 6)}};
  for (const Setting& s : shown_settings(*optimizer.spec, optimizer.values))
    job.push_back({s.name, format_number(s.value)});
  return job;
}

void describe(Tuning& t, Problem& problem, const TuneOptions& o, const TuningTerms& terms) {
  const ProblemDescription about = problem.description();
  const Optimizer& optimizer = problem.optimizer();
  t.model = about.model;
  t.data = about.data;
  t.loss = about.loss;
  t.loss_basis = about.loss_basis;
  t.notes = about.notes;
  t.optimizer = optimizer.spec->name;
  t.schedule = o.schedule;
  t.hyperparameters = shown_settings(*optimizer.spec, optimizer.values);
  t.inputs = attribute_inputs(problem.input_columns());
  t.parameters = static_cast<long>(problem.objective().dim());
  t.training_examples = terms.training_examples;
  t.validation_examples = terms.validation_examples;
  t.batch_size = o.batch_size > 0 ? o.batch_size : terms.training_examples;
  t.horizon_steps = o.steps;
  t.seeds = o.seeds;
  if (!terms.has_edge) t.edge.reason = optimizer.spec->no_recurrence_reason;
}

/// What products in 32 bit lose, which is far less than anything that was decided by.
void add_roundoff(Interval& edge, double roundoff) {
  if (edge.lower) *edge.lower *= 1 - roundoff;
  if (edge.upper) *edge.upper *= 1 + roundoff;
}

}  // namespace

Tuning tune(Problem& problem, const TuneOptions& options) {
  const Stopwatch watch;
  check(options, problem);
  Objective& f = problem.objective();
  const Cost before = f.cost();
  const KeepParameters keep(f);
  f.set_parameters(problem.start(options.seed));
  const double start_loss = f.loss();
  if (!std::isfinite(start_loss))
    throw InputError(
        "model",
        "before any step the loss is not finite: not a matter of the learning rate; etamax analyze says where");

  TuningTerms terms = terms_of(problem, options);
  terms.start_loss = problem.validation() ? problem.validation()->loss() : start_loss;
  Ledger ledger;
  std::variant<TuningRequest, Tuning> next = decide(terms, ledger);  // refuses a budget that is too small
  TuningState state(options.state, job_of(problem, options, terms, start_loss), options.state_fault);
  ledger = state.open();
  Trials trials(problem, options, terms, start_loss);
  try {
    while (true) {
      next = decide(terms, ledger);
      const auto* request = std::get_if<TuningRequest>(&next);
      if (!request) break;
      ledger.add(*request, trials.make(*request, ledger));
      state.save(ledger);
    }
  } catch (const Interrupted&) {
    next = decide_now(terms, ledger);
  }

  Tuning answer = std::get<Tuning>(std::move(next));
  describe(answer, problem, options, terms);
  answer.start_loss = start_loss;
  answer.chance_loss = f.baseline();
  add_roundoff(answer.edge.lr, unmeasured_roundoff(f));
  for (EdgeAtStep& then : answer.warmup_edges) add_roundoff(then.edge, unmeasured_roundoff(f));
  conclude(answer);
  answer.cost.gradients = f.cost().gradients - before.gradients;
  answer.cost.hvps = trials.products();
  answer.cost.forwards = f.cost().forwards - before.forwards;
  answer.cost.seconds = watch.seconds();
  return answer;
}

}  // namespace etamax
