#include "etamax/core/format.h"
#include "etamax/model/loss.h"

namespace etamax::losses {

/// -outputs[label], as torch.nn.functional.nll_loss: for networks that end in log_softmax. Labels of -100 do not count.
LossSpec nll() {
  LossSpec spec;
  spec.name = "nll";
  spec.summary = "for labels 0, 1, ... (-100 is ignored): one output for each class, its log-probability";
  spec.outputs = classes_of;
  spec.prepare = [](const torch::Tensor& targets, torch::ScalarType) { return labels_of("nll", targets); };
  spec.fault = [](const torch::Tensor& outputs) -> std::string {
    constexpr double kRounded = 1e-2;
    const torch::Tensor sums = outputs.to(torch::kDouble).exp().sum(-1);
    if (((sums - 1).abs() <= kRounded).all().item<bool>()) return "";
    return "needs log-probabilities, as log_softmax gives them, but of the first example they sum to " +
           format_number(sums.flatten()[0].item<double>(), 3) + "; of bare outputs take `loss=cross_entropy`";
  };
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& labels) {
    return mean_over_labels(-outputs.gather(-1, labels.clamp_min(0).unsqueeze(-1)).squeeze(-1), labels);
  };
  spec.counts = labels_in_each;
  spec.draw = [](const torch::Tensor& outputs, const torch::Tensor& targets, const at::Generator& random) {
    return draw_labels(outputs.exp(), targets, random);
  };
  spec.chance = entropy_of_labels;
  return spec;
}

}  // namespace etamax::losses
