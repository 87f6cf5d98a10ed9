#include "etamax/tune/trial_run.h"

#include <numeric>

#include "etamax/problem/batches.h"
#include "etamax/training/verdict.h"

namespace etamax {
namespace {

/// Outputs that are all the same have at least the loss of the best constant predictor.
constexpr double kNearBaseline = 0.5;

std::unique_ptr<Run> run_from_start(Problem& problem, std::int64_t batch_size, std::uint64_t seed) {
  problem.objective().set_parameters(problem.start(seed));
  return problem.run({batch_size, seed});
}

}  // namespace

TuningTerms terms_of(Problem& problem, const TuneOptions& o) {
  TuningTerms terms;
  const auto examples = [](Objective* f) { return f && f->examples() ? f->examples()->count() : 0; };
  terms.horizon = o.steps;
  terms.training_examples = std::max<std::int64_t>(1, examples(&problem.objective()));
  terms.validation_examples = examples(problem.validation());
  terms.batch_size = most_in_batch(problem.objective(), o.batch_size);
  terms.seeds = o.seeds;
  terms.seed = o.seed;
  terms.budget = o.budget;
  terms.has_edge = problem.optimizer().spec->recurrence != nullptr;
  terms.preconditioned = problem.optimizer().spec->preconditioner != nullptr;
  terms.optimizer = problem.optimizer().spec->name;
  terms.decays = o.schedule != "constant";
  terms.constant_loss = (problem.validation() ? *problem.validation() : problem.objective()).baseline();
  return terms;
}

TrialRun::TrialRun(Problem& problem, const TuneOptions& options, const TuningTerms& terms, double start_loss, double lr,
                   std::uint64_t seed, long warmup_steps)
    : problem_(problem),
      terms_(terms),
      judge_(problem.validation() ? *problem.validation() : problem.objective()),
      training_(run_from_start(problem, options.batch_size, seed),
                {lr,
                 {options.schedule, options.steps, warmup_steps},
                 divergence_threshold(start_loss, problem.objective().baseline()),
                 options.progress}) {
  record_.lr = lr;
  record_.seed = seed;
  record_.warmup_steps = warmup_steps;
}

RunRecord TrialRun::train_to(long steps) {
  Objective& f = problem_.objective();
  const std::int64_t judging =
      Budget::kForward * (terms_.validates() ? terms_.validation_examples : terms_.training_examples);
  const long evaluate_every = terms_.evaluate_every();
  const double threshold = training_.settings().divergence_threshold;
  record_.units = 0;
  record_.lowest.reset();
  record_.loss.reset();
  record_.training_loss.reset();
  training_.train_to(steps, [&](const Training::Shown& shown) {
    recent_.push_back(shown.loss);
    if (static_cast<std::int64_t>(recent_.size()) * terms_.batch_size >= terms_.training_examples + terms_.batch_size)
      recent_.pop_front();
    record_.steps = shown.step;
    if (evaluate_every > 0 && shown.step % evaluate_every == 0 && shown.step < steps) {
      record_.units += judging;
      evaluate(judge_.loss(), recent_loss());
    }
    return true;
  });
  record_.units += Budget::kGradient * training_.examples_seen();
  if (training_.lost()) {
    record_.verdict = Verdict::diverges;
    record_.first_bad_step = record_.steps;
    return record_;
  }
  record_.units += judging;
  const double loss = judge_.loss();
  double training_loss = terms_.validates() ? recent_loss() : loss;
  if (terms_.validates() && terms_.judges_all(record_.steps)) {
    record_.units += Budget::kForward * terms_.training_examples;
    training_loss = f.loss();
  }
  if (!(loss < threshold && training_loss < threshold)) {
    record_.verdict = Verdict::diverges;
    return record_;
  }
  record_.loss = loss;
  record_.training_loss = training_loss;
  evaluate(loss, terms_.validates() ? recent_loss() : training_loss);
  const std::optional<double> baseline = f.baseline();
  record_.start_loss = training_.first_loss();
  judge(record_, {baseline, {}, 0});
  if (!baseline || loss < kNearBaseline * *baseline) return record_;
  record_.units += judging;
  if (judge_.outputs_are_all_the_same()) record_.verdict = Verdict::collapses;
  return record_;
}

void TrialRun::evaluate(double loss, double training_loss) {
  if (std::isfinite(loss) && (!record_.lowest || loss < record_.lowest->loss))
    record_.lowest = {record_.steps, loss, training_loss};
}

double TrialRun::recent_loss() const {
  return std::accumulate(recent_.begin(), recent_.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(recent_.size(), 1));
}

}  // namespace etamax
