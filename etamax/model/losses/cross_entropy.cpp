#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/loss.h"

namespace etamax::losses {

/// -log softmax(outputs)[label], as torch.nn.functional.cross_entropy.
LossSpec cross_entropy() {
  LossSpec spec;
  spec.name = "cross_entropy";
  spec.summary = "for labels 0, 1, ...: one output for each class";
  spec.outputs = [](const torch::Tensor& targets) { return targets.max().item<int64_t>() + 1; };
  spec.prepare = [](const torch::Tensor& targets, torch::ScalarType) {
    constexpr double kMostClasses = 1 << 24;
    const torch::Tensor wrong =
        (targets.floor() != targets).logical_or(targets < 0).logical_or(targets >= kMostClasses);
    if (wrong.any().item<bool>()) {
      const torch::Tensor at = wrong.nonzero()[0];
      const double label = targets.masked_select(wrong)[0].item<double>();
      throw InputError("loss", "cross_entropy: the target of example " + std::to_string(at[0].item<int64_t>() + 1) +
                                   " is " + format_number(label) + ", not a label 0, 1, ...");
    }
    return targets.to(torch::kLong);
  };
  // Written out: the fused kernel has no forward-mode derivative of its backward.
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& labels) {
    return mean_of_each(outputs.logsumexp(-1) - outputs.gather(-1, labels.unsqueeze(-1)).squeeze(-1));
  };
  spec.chance = [](const torch::Tensor& targets) {
    const torch::Tensor counts = torch::bincount(targets.flatten().to(torch::kLong)).to(torch::kDouble);
    const torch::Tensor p = counts / counts.sum();
    return -torch::xlogy(p, p).sum().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
