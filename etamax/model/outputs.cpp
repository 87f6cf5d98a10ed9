#include "etamax/model/outputs.h"

#include <fmt/format.h>

#include "etamax/core/error.h"

namespace etamax {
namespace {

using torch::Tensor;

/// One output for each example may come without a dimension of its own.
Tensor with_outputs(const Tensor& outputs) { return outputs.dim() < 2 ? outputs.reshape({-1, 1}) : outputs; }

bool classes_are_last(const Tensor& outputs, const Tensor& labels, int64_t wanted) {
  return outputs.dim() == labels.dim() + 1 && outputs.sizes().slice(0, outputs.dim() - 1) == labels.sizes() &&
         outputs.size(-1) >= wanted;
}

bool classes_are_second(const Tensor& outputs, const Tensor& labels, int64_t wanted) {
  return outputs.dim() == labels.dim() + 1 && outputs.size(0) == labels.size(0) && outputs.size(1) >= wanted &&
         outputs.sizes().slice(2) == labels.sizes().slice(1);
}

}  // namespace

OutputForm::OutputForm(const Tensor& given, const Tensor& targets, const LossSpec& loss, int64_t wanted) {
  if (loss.takes_any_shape) {
    layout_ = Layout::as_given;
    return;
  }
  if (!given.is_floating_point() || given.layout() != torch::kStrided || given.device() != targets.device())
    throw InputError("model",
                     fmt::format("gives {} numbers ({}, {}); the loss needs real ones, dense and on its device",
                                 c10::str(given.scalar_type()), c10::str(given.layout()), c10::str(given.device())));
  const Tensor outputs = with_outputs(given);
  const bool labels = targets.scalar_type() == torch::kLong;
  bool fits = false;
  if (!labels) {
    fits = outputs.size(0) == targets.size(0) && outputs.numel() == wanted * targets.size(0);
  } else {
    const bool last = classes_are_last(outputs, targets, wanted), second = classes_are_second(outputs, targets, wanted);
    const bool is_image = targets.dim() > 2;
    layout_ = second && (is_image || !last) ? Layout::classes_second : Layout::classes_last;
    fits = last || second;
  }
  if (fits) {
    if (const std::string fault = loss.fault ? loss.fault((*this)(given)) : ""; !fault.empty())
      throw InputError("loss", loss.name + ": " + fault);
    return;
  }
  const std::string positions = c10::str(targets.sizes().slice(1));
  throw InputError("model",
                   "gives outputs of shape " + c10::str(given.sizes()) + " for " + std::to_string(targets.size(0)) +
                       " examples, but the loss " + loss.name + " needs " + std::to_string(wanted) + " for each" +
                       (labels && targets.dim() == 2  ? " of " + std::to_string(targets.size(1)) + " positions of each"
                        : labels && targets.dim() > 2 ? " of the positions " + positions + " of each"
                                                      : ""));
}

Tensor OutputForm::operator()(const Tensor& outputs) const {
  switch (layout_) {
    case Layout::numbers:
      return with_outputs(outputs).flatten(1);
    case Layout::as_given:
    case Layout::classes_last:
      break;
    case Layout::classes_second:
      return outputs.movedim(1, -1);
  }
  return outputs;
}

}  // namespace etamax
