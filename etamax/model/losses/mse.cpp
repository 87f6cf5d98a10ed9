#include "etamax/model/loss.h"

namespace etamax::losses {

/// The squared error, as torch.nn.functional.mse_loss: the mean over outputs too.
LossSpec mse() {
  LossSpec spec;
  spec.name = "mse";
  spec.summary = "squared error of one output for each target";
  spec.outputs = numbers;
  spec.prepare = as_numbers;
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& targets) {
    return mean_of_each((outputs - targets).square());
  };
  spec.chance = [](const torch::Tensor& targets) {
    return as_numbers(targets, torch::kDouble).var(0, false).mean().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
