#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/problem/vector.h"

namespace etamax {

/// An optimizer's memory in the middle of a training.
struct OptimizerState {
  std::vector<Vector> vectors;  ///< one for each of the rule's
  long steps = 0;               ///< made
};

/// How far the order has come in which a training visits the examples.
struct BatchPlace {
  long epochs = 0;     ///< begun
  std::size_t at = 0;  ///< examples of the last of them that were taken
};

/// What a run carries on from, outside of the problem that made it.
struct SavedRun {
  long steps = 0;  ///< as the run counts them
  BatchPlace batches;
  std::vector<std::vector<double>> vectors;  ///< by the rules of the table: the parameters, then the optimizer's memory
  std::string other;                         ///< by other optimizers: their own bytes
};

/// A training that can be paused, carried on and looked at: by the problem's own optimizer, from where it began.
/// Several may be under way on one objective, a step at a time.
class Run {
 public:
  virtual ~Run() = default;

  struct Step {
    double loss = 0;            ///< of the batch, before the step
    std::int64_t examples = 1;  ///< in the batch
  };
  /// One step at this learning rate. The objective must be at this run's parameters, and is at the new ones afterwards.
  virtual Step step(double lr) = 0;
  /// Puts the objective to this run's parameters: before it is carried on where something else used the objective.
  virtual void resume() = 0;

  /// Adds to the parameters, the objective's too: what an experiment changes between two steps. The optimizer's memory
  /// stays as it is.
  virtual void move(const Vector& by) = 0;

  virtual SavedRun save() const = 0;
  /// Puts this run, one with the same settings on the same problem, to where `saved` was, to the bit; resume() does the
  /// rest. Throws std::invalid_argument where it is of another one.
  virtual void restore(const SavedRun& saved) = 0;

  virtual long steps() const = 0;
  virtual Vector parameters() const = 0;
  /// By which the last step divided the gradient, beside the learning rate that was asked about; none where it did not.
  /// Infinite where every gradient so far was 0: the rule would divide by its bare eps there, which the first gradient
  /// will change by orders.
  virtual std::optional<Vector> preconditioner() const { return {}; }
  /// By which the rule itself multiplied the learning rate in the last step (adagrad's lr_decay).
  virtual double lr_scale() const { return 1; }
};

}  // namespace etamax
