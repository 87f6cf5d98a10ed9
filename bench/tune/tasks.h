#pragma once

#include <memory>
#include <string>
#include <vector>

#include "etamax/model/setup.h"
#include "etamax/tune/trial_run.h"

/// A training whose learning rate is to be found.
struct BenchTask {
  std::string name;
  etamax::ModelSetup setup;
  etamax::TuneOptions options;  ///< with seed 0: the parts that the reference grid uses
  double grid_from = 0;         ///< a rate that trains, well below the cliff: where the grid begins

  /// With another split, other starts and another order of the examples.
  BenchTask with_seed(std::uint64_t seed) const;
};

/// The six tasks, numbered from 1 on the command line.
const std::vector<BenchTask>& bench_tasks();

/// A task with its data in two parts, ready for runs.
class TaskRuns {
 public:
  explicit TaskRuns(const BenchTask& task);

  const std::string& name() const { return name_; }
  const etamax::TuneOptions& options() const { return options_; }
  const etamax::TuningTerms& terms() const { return terms_; }
  etamax::Problem& problem() { return *problem_; }
  double chance_loss() const { return chance_loss_; }

  /// A run from that seed's start; and its end at the horizon.
  std::unique_ptr<etamax::TrialRun> run(double lr, std::uint64_t seed, long warmup = 0);
  etamax::RunRecord whole_run(double lr, std::uint64_t seed, long warmup = 0);

  struct Losses {
    double validation = 0, training = 0;
  };
  /// Before any step.
  Losses at_start(std::uint64_t seed);

 private:
  std::string name_;
  etamax::TuneOptions options_;
  std::unique_ptr<etamax::ModelProblem> problem_;
  etamax::TuningTerms terms_;
  double chance_loss_ = 0, start_loss_ = 0;
};
