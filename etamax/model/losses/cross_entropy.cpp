#include "etamax/model/loss.h"

namespace etamax::losses {
namespace {

using torch::Tensor;

/// Where the largest output z_top is, and what exp(z_j - z_top) over the others sum up to.
struct Top {
  explicit Top(const Tensor& outputs) : at(outputs.detach().argmax(-1, /*keepdim=*/true)) {
    const Tensor is_top = torch::zeros_like(outputs, torch::kBool).scatter_(-1, at, true);
    others = (outputs - outputs.gather(-1, at)).exp().masked_fill(is_top, 0).sum(-1, true);
  }
  Tensor at, others;
};

/// log(1 + the sum of exp(z_j - z_top) over the others) + z_top - z_label. Written out for its derivatives: in those of
/// logsumexp, p_top and 1 cancel, so that of the curvature of a saturated softmax nothing is left once 1 - p_top is a
/// rounding. Here nothing cancels. (The fused kernel has, besides, no forward-mode derivative of its backward.)
/// `labels` as long as the outputs, 1 wide.
Tensor surprise(const Tensor& outputs, const Tensor& labels) {
  const Top top(outputs);
  // Where the label is on top the difference is left out, and with it a slope of 1 - 1 at which p_top would be rounded.
  const Tensor below = outputs.gather(-1, top.at) - outputs.gather(-1, labels);
  return top.others.log1p() + below.masked_fill(labels == top.at, 0);
}

/// The same, expected over labels with these probabilities.
Tensor expected_surprise(const Tensor& outputs, const Tensor& probabilities) {
  const Top top(outputs);
  return probabilities.sum(-1) * top.others.squeeze(-1).log1p() +
         (probabilities * (outputs.gather(-1, top.at) - outputs)).sum(-1);
}

}  // namespace

/// -log softmax(outputs)[label], as torch.nn.functional.cross_entropy: labels of -100 do not count, and where a row of
/// targets holds the classes' probabilities, the mean over these.
LossSpec cross_entropy() {
  LossSpec spec;
  spec.name = "cross_entropy";
  spec.summary = "for labels 0, 1, ... (-100 is ignored), or the classes' probabilities: one output for each class";
  spec.outputs = [](const Tensor& targets) {
    return are_probabilities(targets) ? targets.size(1) : classes_of(targets);
  };
  spec.prepare = [](const Tensor& targets, torch::ScalarType type) {
    return are_probabilities(targets) ? targets.to(type) : labels_of("cross_entropy", targets);
  };
  spec.each = [](const Tensor& outputs, const Tensor& targets) {
    if (targets.scalar_type() != torch::kLong) return expected_surprise(outputs, targets);
    return mean_over_labels(surprise(outputs, targets.clamp_min(0).unsqueeze(-1)).squeeze(-1), targets);
  };
  spec.counts = labels_in_each;
  spec.draw = [](const Tensor& outputs, const Tensor& targets, const at::Generator& random) {
    return draw_labels(outputs.softmax(-1), targets, random);
  };
  spec.chance = [](const Tensor& targets) {
    if (!are_probabilities(targets)) return entropy_of_labels(targets);
    Tensor p = targets.to(torch::kDouble).mean(0);
    p = p / p.sum();
    return -torch::xlogy(p, p).sum().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
