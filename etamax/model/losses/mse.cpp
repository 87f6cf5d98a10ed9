#include <cmath>

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
  // Of (y - t)^2, exp(-(y - t)^2) is the normal distribution of variance 1/2.
  spec.draw = [](const torch::Tensor& outputs, const torch::Tensor& targets, const at::Generator& random) {
    const torch::Tensor noise = torch::randn(targets.sizes(), random, torch::kDouble);
    return LossSpec::Drawn{outputs.view_as(targets) + noise * std::sqrt(0.5), targets.numel()};
  };
  spec.chance = [](const torch::Tensor& targets) {
    return as_numbers(targets, torch::kDouble).var(0, false).mean().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
