#include "etamax/training/short_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/training/search.h"

namespace etamax {
namespace {

bool trains(const RunRecord& run) { return run.verdict == Verdict::trains; }

/// Of runs by rate, ascending: the last that trains before one that does not.
RateBracket bracket_of(const std::vector<RunRecord>& runs) {
  RateBracket bracket;
  for (const RunRecord& run : runs) {
    if (trains(run) && !bracket.fails) bracket.trains = run.lr;
    if (!trains(run) && bracket.trains && !bracket.fails) bracket.fails = run.lr;
  }
  return bracket;
}

}  // namespace

RunRecord short_run(Problem& problem, double lr, const ShortRunSettings& settings, const Training::Watcher& watcher) {
  Objective& f = problem.objective();
  const KeepParameters keep(f);
  RunRecord record;
  record.lr = lr;
  record.seed = settings.seed;
  TrainingSettings how;
  how.lr = lr;
  how.schedule.horizon = settings.steps;
  how.divergence_threshold = divergence_threshold(settings.start_loss, settings.baseline);
  how.progress = settings.progress;
  Training training(problem.run({settings.batch_size, settings.seed}), how);
  training.train_to(settings.steps, watcher);
  record.steps = training.steps();
  LossTrace trace = training.trace();
  std::optional<double> lost = training.lost();
  const bool ended = !lost && record.steps < settings.steps;
  if (!lost && !ended) {
    // After the last step only the loss is of interest, and that on all the data.
    record.loss = f.loss();
    const bool full_batch = !f.examples() || settings.batch_size <= 0 || settings.batch_size >= f.examples()->count();
    if (full_batch) trace.add(record.steps, *record.loss);
    if (!std::isfinite(*record.loss) || *record.loss > training.settings().divergence_threshold)
      lost = std::exchange(record.loss, {});
  }
  record.losses = std::move(trace.losses);
  record.stride = trace.stride;
  if (lost) {
    record.verdict = Verdict::diverges;
    record.first_bad_step = record.steps;
    record.reason = fmt::format("After {} the loss is {}.", counted(record.steps, "step"),
                                std::isfinite(*lost)
                                    ? fmt::format("{}, above the divergence threshold of {}", format_number(*lost, 3),
                                                  format_number(training.settings().divergence_threshold, 3))
                                    : "no longer a finite number");
  } else if (record.loss && f.outputs_are_all_the_same()) {
    record.verdict = Verdict::collapses;
    record.reason = fmt::format("The loss is finite but stuck at {}: the outputs are the same for all inputs.",
                                format_number(*record.loss, 3));
  }
  return record;
}

LargestTrainable find_largest_trainable(Problem& problem, double around, const std::vector<double>& also,
                                        const ShortRunSettings& settings, std::vector<RunRecord>& runs) {
  const RunReference reference{settings.start_loss, settings.baseline, {}, 0};
  const auto at = [&](double lr) {
    return std::find_if(runs.begin(), runs.end(), [&](const RunRecord& run) { return run.lr == lr; });
  };
  RateSearch search;
  // The first run below the edge is the measure that the others are held to.
  search.first = around / 2;
  search.trains = [&](double lr) -> std::optional<bool> {
    RunRecord run = short_run(problem, lr, settings);
    const auto place =
        std::upper_bound(runs.begin(), runs.end(), lr, [](double a, const RunRecord& b) { return a < b.lr; });
    runs.insert(place, std::move(run));
    judge_all(runs, reference);
    return trains(*at(lr));
  };
  search.known = [&](double) { return bracket_of(runs); };
  for (const double lr : also) search.trains(lr);
  const RateBracket bracket = find_largest_trainable_rate(search);
  const double good = bracket.trains.value_or(0);
  // What one would rather use: with an octave or two to spare, for the limit moves with the seed.
  for (const double lr : {good / 2, good / 4})
    if (lr > 0 &&
        std::none_of(runs.begin(), runs.end(), [&](const auto& r) { return r.lr > lr / 1.1 && r.lr < lr * 1.0001; }))
      search.trains(lr);
  LargestTrainable found;
  found.steps = settings.steps;
  found.lr = {bracket.trains, bracket.fails};
  if (!bracket.trains)
    found.reason = fmt::format("no run trained, down to {}", format_number(runs.front().lr, 3));
  else if (!bracket.fails)
    found.reason = fmt::format("every rate up to {} trains", format_number(good, 3));
  return found;
}

}  // namespace etamax
