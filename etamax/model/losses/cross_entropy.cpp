#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/loss.h"

namespace etamax::losses {
namespace {

/// log(1 + the sum of exp(z_j - z_top) over the others) + z_top - z_label, z_top being the largest output. Written out
/// for its derivatives: in those of logsumexp, p_top and 1 cancel, so that of the curvature of a saturated softmax
/// nothing is left once 1 - p_top is a rounding. Here nothing cancels. (The fused kernel has, besides, no forward-mode
/// derivative of its backward.) `labels` as long as the outputs, 1 wide.
torch::Tensor surprise(const torch::Tensor& outputs, const torch::Tensor& labels) {
  const torch::Tensor top = outputs.detach().argmax(-1, /*keepdim=*/true);
  const torch::Tensor is_top = torch::zeros_like(outputs, torch::kBool).scatter_(-1, top, true);
  const torch::Tensor others = (outputs - outputs.gather(-1, top)).exp().masked_fill(is_top, 0);
  // Where the label is on top the difference is left out, and with it a slope of 1 - 1 at which p_top would be rounded.
  const torch::Tensor below = outputs.gather(-1, top) - outputs.gather(-1, labels);
  return others.sum(-1, true).log1p() + below.masked_fill(labels == top, 0);
}

}  // namespace

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
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& labels) {
    return mean_of_each(surprise(outputs, labels.unsqueeze(-1)).squeeze(-1));
  };
  spec.chance = [](const torch::Tensor& targets) {
    const torch::Tensor counts = torch::bincount(targets.flatten().to(torch::kLong)).to(torch::kDouble);
    const torch::Tensor p = counts / counts.sum();
    return -torch::xlogy(p, p).sum().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
