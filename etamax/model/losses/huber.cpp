#include "etamax/model/loss.h"

namespace etamax::losses {
namespace {

torch::Tensor huber_of(const torch::Tensor& error) {
  const torch::Tensor size = error.abs();
  return torch::where(size < 1, 0.5 * error.square(), size - 0.5);
}

}  // namespace

/// Squared within 1 of the target, linear beyond, as torch.nn.functional.huber_loss with delta 1.
LossSpec huber() {
  LossSpec spec;
  spec.name = "huber";
  spec.summary = "squared error within 1 of the target, absolute beyond";
  spec.outputs = numbers;
  spec.prepare = as_numbers;
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& targets) {
    return mean_of_each(huber_of(outputs - targets));
  };
  // The best constant is where the clipped errors have mean zero: monotone, so by bisection.
  spec.chance = [](const torch::Tensor& targets) {
    const torch::Tensor y = as_numbers(targets, torch::kDouble);
    torch::Tensor low = std::get<0>(y.min(0)), high = std::get<0>(y.max(0));
    for (int i = 0; i < 60; ++i) {
      const torch::Tensor middle = (low + high) / 2, rising = (middle - y).clamp(-1, 1).mean(0) > 0;
      high = torch::where(rising, middle, high);
      low = torch::where(rising, low, middle);
    }
    return huber_of(y - low).mean().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
