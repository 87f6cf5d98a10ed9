#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/loss.h"

namespace etamax::losses {

/// Logistic loss, as torch.nn.functional.binary_cross_entropy_with_logits.
LossSpec bce() {
  LossSpec spec;
  spec.name = "bce";
  spec.summary = "for labels 0 and 1: the logistic loss of one output for each";
  spec.outputs = numbers;
  spec.prepare = [](const torch::Tensor& targets, torch::ScalarType type) {
    const torch::Tensor wrong = (targets < 0).logical_or(targets > 1);
    if (wrong.any().item<bool>()) {
      const int64_t row = wrong.nonzero()[0][0].item<int64_t>();
      throw InputError("loss", "bce: the target of example " + std::to_string(row) + " is " +
                                   format_number(targets.masked_select(wrong)[0].item<double>()) + ", not in 0..1");
    }
    return as_numbers(targets, type);
  };
  spec.each = [](const torch::Tensor& outputs, const torch::Tensor& targets) {
    // log(1 + e^x) - t x. By its smaller exponential, so that in the derivatives no s(x) and 1 cancel where the
    // logistic function s is saturated; softplus is cut off there.
    const torch::Tensor positive = outputs > 0;
    const torch::Tensor toward_zero = torch::where(positive, -outputs, outputs).exp();
    return mean_of_each(torch::where(positive, outputs * (1 - targets), -outputs * targets) + toward_zero.log1p());
  };
  spec.draw = [](const torch::Tensor& outputs, const torch::Tensor& targets, const at::Generator& random) {
    return LossSpec::Drawn{torch::bernoulli(outputs.sigmoid(), random).view_as(targets), targets.numel()};
  };
  spec.chance = [](const torch::Tensor& targets) {
    const torch::Tensor p = as_numbers(targets, torch::kDouble).mean(0);
    return -(torch::xlogy(p, p) + torch::xlogy(1 - p, 1 - p)).mean().item<double>();
  };
  return spec;
}

}  // namespace etamax::losses
