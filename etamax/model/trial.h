#pragma once

#include <cmath>
#include <deque>
#include <map>
#include <memory>

#include "etamax/core/tuning.h"
#include "etamax/model/budget.h"
#include "etamax/model/data.h"
#include "etamax/model/loss.h"
#include "etamax/model/model_objective.h"
#include "etamax/model/network.h"
#include "etamax/model/training.h"
#include "etamax/model/tune_options.h"

namespace etamax {

/// The factor on the learning rate in step `step` (from 0) of `horizon`: the schedule's, times (step + 1) / warmup
/// during warmup.
double schedule_factor(const std::string& schedule, long step, long horizon, long warmup);

/// The training that is to be tuned: its data in two parts, and the starts of its seeds.
class TuningTask {
 public:
  /// Throws InputError where a part would lack a class, or a name is not known.
  explicit TuningTask(const TuneRequest& request);

  const TuneOptions& options() const { return options_; }
  const OptimizerSpec& optimizer() const { return optimizer_; }
  const HyperparameterValues& values() const { return values_; }
  const LossSpec& loss() const { return loss_; }
  const Network& network() const { return network_; }
  const Dataset& training_data() const { return training_data_; }
  const ModelObjectiveOptions& objective_options() const { return objective_options_; }
  ModelObjective& training() { return *training_; }
  bool validates() const { return validation_ != nullptr; }
  int64_t validation_examples() const { return validation_ ? validation_->examples() : 0; }
  int64_t batch_size() const;
  /// The parameters that the run of this seed begins with.
  const torch::Tensor& start(std::uint64_t seed);
  /// Mean loss at these parameters: on the validation part, or on the training part.
  double validation_loss(const torch::Tensor& parameters);
  double training_loss(const torch::Tensor& parameters);
  bool outputs_all_the_same(const torch::Tensor& parameters);

  double start_loss() const { return start_loss_; }  ///< of the first seed, on the training part
  double chance_loss() const { return chance_loss_; }

  /// In the units of Budget: `steps` steps; and what it costs at most to judge a run, the whole one or its first
  /// `steps` steps.
  std::int64_t steps_cost(long steps) const { return Budget::kGradient * batch_size() * steps; }
  std::int64_t judging_cost() const { return judging_cost(options_.steps); }
  std::int64_t judging_cost(long steps) const;
  /// On the way a run is looked at after every so many steps, as often as costs no more than 2% of the steps. 0: never,
  /// where a look costs much or tells little: with batches, and where the training part judges itself.
  long look_every() const;
  /// The looks of a run that is carried on from `made` to `steps` steps; its end is judged anyway.
  std::int64_t looks_cost(long made, long steps) const;
  /// Whether the training loss after so many steps is that of all of its part: at the horizon, and where every step
  /// takes all of it.
  bool judges_all(long steps) const { return steps >= options_.steps || batch_size() >= training_data_.examples(); }

 private:
  TuningTask(const TuneRequest& request, const Dataset& all);

  TuneOptions options_;
  const OptimizerSpec& optimizer_;
  HyperparameterValues values_;
  const LossSpec& loss_;
  std::string model_;
  Network network_;
  Dataset training_data_;
  ModelObjectiveOptions objective_options_;
  std::unique_ptr<ModelObjective> training_, validation_;
  std::map<std::uint64_t, torch::Tensor> starts_;
  double start_loss_ = 0, chance_loss_ = 0;
};

/// A training that can be stopped and carried on.
class TrialRun {
 public:
  TrialRun(TuningTask& task, double lr, std::uint64_t seed, long warmup);
  /// Trains until `steps` steps are made, or the loss is beyond return. What it gives is judged after that: the loss on
  /// the part that judges; the training loss on all of its part where the task says so, else as the mean of the last
  /// epoch's batches.
  Trial train_to(long steps);

 private:
  double recent_loss() const;
  void look(double loss, double training_loss);
  void forget_looks();

  TuningTask& task_;
  Trial trial_;
  torch::Tensor x_;
  TensorOptimizer optimizer_;
  Batches batches_;
  double first_loss_ = 0;                 ///< of this seed's start, on its first batch
  std::deque<double> recent_;             ///< the losses of the last epoch's batches
  double last_training_loss_ = INFINITY;  ///< at the last look
  double sum_of_looks_ = 0;
  long looks_ = 0;
};

}  // namespace etamax
