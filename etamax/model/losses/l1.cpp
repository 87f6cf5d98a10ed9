#include "etamax/model/loss.h"

namespace etamax::losses {

/// The absolute error, as torch.nn.functional.l1_loss. Its own curvature is 0 but at 0: what curves is the network.
LossSpec l1() {
  LossSpec spec;
  spec.name = "l1";
  spec.summary = "absolute error of one output for each target";
  spec.outputs = numbers;
  spec.prepare = as_numbers;
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& targets) {
    return mean_of_each((outputs - targets).abs());
  };
  spec.chance = [](const torch::Tensor& targets) {
    const torch::Tensor y = as_numbers(targets, torch::kDouble);
    return (y - std::get<0>(y.median(0))).abs().mean().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
