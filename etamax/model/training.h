#pragma once

#include <optional>

#include "etamax/core/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/model/model_objective.h"
#include "etamax/model/tensor_optimizer.h"

namespace etamax {

/// The order in which training visits the examples: shuffled anew in each epoch, every example once, the last
/// batch of an epoch as small as it comes. As torch.utils.data.DataLoader(shuffle=True).
class Batches {
 public:
  /// `size` 0, or at least the number of examples: all of them at once, in order.
  Batches(int64_t examples, int64_t size, std::uint64_t seed);
  bool whole() const { return size_ >= examples_; }
  torch::Tensor next();

  struct Gradient {
    double loss = 0;
    torch::Tensor gradient;
    int64_t examples = 0;
  };
  /// Of the next batch, at the objective's parameters.
  Gradient next_gradient(ModelObjective& f);

 private:
  int64_t examples_, size_, at_ = 0;
  std::uint64_t seed_;
  torch::Tensor order_;
};

/// Puts the parameters back when it goes.
class KeepParameters {
 public:
  explicit KeepParameters(ModelObjective& f) : f_(f), parameters_(f.parameters()) {}
  ~KeepParameters() { f_.set_parameters(parameters_); }
  KeepParameters(const KeepParameters&) = delete;
  KeepParameters& operator=(const KeepParameters&) = delete;
  const torch::Tensor& parameters() const { return parameters_; }

 private:
  ModelObjective& f_;
  torch::Tensor parameters_;
};

/// Whether the network gives the same for every example, to 0.1% of its outputs' size: it no longer depends on its
/// inputs.
bool outputs_are_all_the_same(ModelObjective& f);

/// A loss above this does not come back in 32 bit: the larger of the loss at the start and that of chance, many times
/// over.
double loss_beyond_return(double start_loss, double chance_loss);

struct TrainingOptions {
  const OptimizerSpec& optimizer;
  const HyperparameterValues& values;
  int64_t batch_size = 0;  ///< 0: all examples
  long steps = 200;        ///< at least 1
  std::uint64_t seed = 0;
  double start_loss = 0, chance_loss = 0;  ///< on all the data
  /// The optimizer's state at the start; none: as PyTorch begins.
  const TensorOptimizer* state = nullptr;
  Progress progress;
  /// Shown every step that is made, with the objective at its parameters; false ends the run, which then has no final
  /// loss.
  std::function<bool(long step, const TensorOptimizer&)> observer = {};
};

/// Trains from the current parameters at one learning rate, and puts them back. Stops as soon as divergence
/// is certain. Gives everything of a run but its verdict where that needs other runs: `verdict` is `diverges`,
/// `collapses` where the outputs no longer depend on the inputs, else `unclear`.
TrainingRun train(ModelObjective& f, double lr, const TrainingOptions& options);

/// The verdict of a run that ended with a finite loss, beside the lowest final loss of all runs and the
/// largest learning rate known to train.
void judge(TrainingRun& run, const TrainingOptions& options, double best_final_loss, double trains_at);

/// Finds the largest learning rate at which training works, by runs: octaves up from a rate that trains (down
/// to one where the first does not), then bisection in log rate to half an octave. `around`: where to begin,
/// usually the edge. `also`: rates that are run in any case. Adds every run to `runs`, ascending. Throws
/// Interrupted; `runs` then holds those made.
LargestTrainable find_largest_trainable(ModelObjective& f, double around, const std::vector<double>& also,
                                        const TrainingOptions& options, std::vector<TrainingRun>& runs);

}  // namespace etamax
