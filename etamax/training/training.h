#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/progress.h"
#include "etamax/problem/run.h"

namespace etamax {

/// How the learning rate goes over a training.
struct Schedule {
  std::string name = "constant";  ///< or cosine, linear: both to 0 at the horizon
  long horizon = 1;               ///< steps of the whole training
  long warmup = 0;                ///< steps over which it rises from 0
  /// The factor on the learning rate in step `step`, from 0.
  double factor(long step) const;
};

/// Takes part in the steps of a training, where an experiment changes them.
class Steering {
 public:
  virtual ~Steering() = default;
  /// Before a step, with the objective at the run's parameters, where it must be afterwards too: the rate to make it
  /// at, where `lr` was to be.
  virtual double rate(const Run&, double lr) { return lr; }
  /// After it, with the objective at the new parameters; where the run is moved, at those.
  virtual void stepped(Run&) {}
};

struct TrainingSettings {
  double lr = 0;
  Schedule schedule = {};
  double divergence_threshold = 0;  ///< a loss above it is lost; infinite: only one that is not a number
  Progress progress = {};
  Steering* steering = nullptr;  ///< must outlive the training
};

/// The losses of a run's batches, thinned to at most 2,000: every `stride`-th step's.
struct LossTrace {
  std::vector<double> losses;
  long stride = 1;
  void add(long step, double loss);
};

/// How far a training has come, beside its run.
struct TrainingRecord {
  long steps = 0;
  std::optional<double> lost;  ///< the loss that ended it
  double first_loss = 0;
  LossTrace trace;
};

/// A run under way at one learning rate. This is the one loop that trains: everything that makes steps makes them here.
class Training {
 public:
  /// What a watcher is shown after each step, with the objective at the new parameters.
  struct Shown {
    long step = 0;    ///< made by now
    double loss = 0;  ///< of the batch, before the step
    const Run& run;
  };
  /// False ends the training.
  using Watcher = std::function<bool(const Shown&)>;

  /// `begun`: of the run, where it does not begin here.
  Training(std::unique_ptr<Run> run, TrainingSettings settings, TrainingRecord begun = {});

  /// Trains until `steps` steps are made, the loss is above the divergence threshold or no number, or the watcher ends
  /// it. May be called again to carry on. Throws Interrupted.
  void train_to(long steps, const Watcher& watcher = {});

  const TrainingSettings& settings() const { return settings_; }
  const Run& run() const { return *run_; }
  const TrainingRecord& record() const { return record_; }
  long steps() const { return record_.steps; }
  /// The loss that ended it, of the batch after the last step made; none where it is not lost.
  std::optional<double> lost() const { return record_.lost; }
  double first_loss() const { return record_.first_loss; }  ///< of the first batch, at the start
  const LossTrace& trace() const { return record_.trace; }
  std::int64_t examples_seen() const { return examples_seen_; }  ///< in the batches, those of the last train_to alone

 private:
  std::unique_ptr<Run> run_;
  TrainingSettings settings_;
  TrainingRecord record_;
  std::int64_t examples_seen_ = 0;
};

/// A loss above this does not come back in 32 bit: 1e8 times the larger of the loss at the start and that of the best
/// constant predictor.
double divergence_threshold(double start_loss, std::optional<double> baseline);

}  // namespace etamax
