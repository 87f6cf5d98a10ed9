#pragma once

#include <torch/types.h>

#include <vector>

#include "etamax/optim/optimizer.h"

namespace etamax {

/// An optimizer of the table at work on a flat vector of parameters. Its state has the parameters' type, as
/// PyTorch's has; the arithmetic of a step is in 64 bit, a block of parameters at a time.
class TensorOptimizer {
 public:
  TensorOptimizer(const OptimizerSpec& spec, const HyperparameterValues& values, const torch::Tensor& like);
  TensorOptimizer(const TensorOptimizer& other);  ///< with a state of its own
  TensorOptimizer& operator=(const TensorOptimizer&) = delete;

  /// One step in place.
  void step(double lr, torch::Tensor& parameters, const torch::Tensor& gradient);
  long steps() const { return steps_; }

  /// The state as somebody else's run left it after so many steps. One vector for each of the rule's.
  void set_state(const std::vector<torch::Tensor>& state, long steps);

  bool preconditions() const { return spec_.preconditioner != nullptr; }
  /// The diagonal P of the last step. At least one step must have been made.
  torch::Tensor preconditioner() const;

 private:
  const OptimizerSpec& spec_;
  const HyperparameterValues& values_;
  std::vector<torch::Tensor> state_;
  long steps_ = 0;
};

}  // namespace etamax
