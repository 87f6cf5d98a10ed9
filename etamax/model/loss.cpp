#include "etamax/model/loss.h"

#include "etamax/core/named.h"

namespace etamax {

const LossSpec& find_loss(std::string_view name) { return find_named(loss_table(), std::string(name), "loss", "loss"); }

namespace losses {

int64_t numbers(const torch::Tensor& targets) { return targets.dim() == 1 ? 1 : targets.size(1); }

torch::Tensor as_numbers(const torch::Tensor& targets, torch::ScalarType type) {
  return (targets.dim() == 1 ? targets.unsqueeze(1) : targets).to(type);
}

torch::Tensor mean_of_each(const torch::Tensor& elements) {
  return elements.dim() == 1 ? elements : elements.flatten(1).mean(1);
}

}  // namespace losses
}  // namespace etamax
