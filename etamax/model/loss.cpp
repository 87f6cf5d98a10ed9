#include "etamax/model/loss.h"

#include "etamax/core/format.h"
#include "etamax/core/named.h"

namespace etamax {

const LossSpec& find_loss(std::string_view name) { return find_named(loss_table(), std::string(name), "loss", "loss"); }

namespace losses {

int64_t numbers(const torch::Tensor& targets) { return targets.numel() / targets.size(0); }

torch::Tensor as_numbers(const torch::Tensor& targets, torch::ScalarType type) {
  return (targets.dim() == 1 ? targets.unsqueeze(1) : targets.flatten(1)).to(type);
}

torch::Tensor mean_of_each(const torch::Tensor& elements) {
  return elements.dim() == 1 ? elements : elements.flatten(1).mean(1);
}

namespace {

constexpr double kIgnored = -100;

}  // namespace

torch::Tensor labels_of(const std::string& loss, const torch::Tensor& targets) {
  constexpr double kMostClasses = 1 << 24;
  const torch::Tensor label =
      (targets.floor() == targets).logical_and(targets >= 0).logical_and(targets < kMostClasses);
  const torch::Tensor wrong = label.logical_or(targets == kIgnored).logical_not();
  if (wrong.any().item<bool>())
    throw InputError("loss", loss + ": the target of example " + std::to_string(wrong.nonzero()[0][0].item<int64_t>()) +
                                 " is " + format_number(targets.masked_select(wrong)[0].item<double>()) +
                                 ", not a label 0, 1, ...");
  if (!label.any().item<bool>()) throw InputError("loss", loss + ": every target is -100, which is ignored");
  return targets.to(torch::kLong);
}

int64_t classes_of(const torch::Tensor& targets) { return targets.max().item<int64_t>() + 1; }

torch::Tensor labels_in_each(const torch::Tensor& labels) {
  const torch::Tensor counts = labels >= 0;
  return counts.dim() == 1 ? counts.to(torch::kLong) : counts.flatten(1).sum(1);
}

torch::Tensor mean_over_labels(const torch::Tensor& losses, const torch::Tensor& labels) {
  const torch::Tensor ignored = labels < 0;
  if (!ignored.any().item<bool>()) return mean_of_each(losses);
  const torch::Tensor counted = losses.masked_fill(ignored, 0);
  return counted.dim() == 1 ? counted : counted.flatten(1).sum(1) / labels_in_each(labels).clamp_min(1);
}

double entropy_of_labels(const torch::Tensor& targets) {
  const torch::Tensor labels = targets.flatten().to(torch::kLong);
  const torch::Tensor counts = torch::bincount(labels.masked_select(labels >= 0)).to(torch::kDouble);
  const torch::Tensor p = counts / counts.sum();
  return -torch::xlogy(p, p).sum().item<double>();
}

LossSpec::Drawn draw_labels(const torch::Tensor& probabilities, const torch::Tensor& targets,
                            const at::Generator& random) {
  const int64_t classes = probabilities.size(-1);
  const torch::Tensor drawn = torch::multinomial(probabilities.reshape({-1, classes}), 1, false, random).squeeze(1);
  if (targets.scalar_type() != torch::kLong)  // the classes' probabilities: all of it on one
    return {torch::one_hot(drawn, classes).to(targets.scalar_type()).view_as(targets), targets.size(0)};
  const torch::Tensor ignored = targets < 0;
  return {torch::where(ignored, targets, drawn.view_as(targets)), (targets.numel() - ignored.sum().item<int64_t>())};
}

bool are_probabilities(const torch::Tensor& targets) {
  constexpr double kRounded = 1e-3;  // of the sum of a row
  return targets.dim() == 2 && targets.size(1) > 1 && targets.min().item<double>() >= 0 &&
         ((targets.sum(1, false, torch::kDouble) - 1).abs() <= kRounded).all().item<bool>();
}

}  // namespace losses
}  // namespace etamax
