#pragma once

#include <torch/types.h>

#include "etamax/model/loss.h"

namespace etamax {

/// How a network's outputs are brought into the form that a loss takes, found out once on some of them.
///
/// Numbers for each target are laid flat: (N,) and (N, 1), (N, H, W) and (N, 1, H, W) are the same. Of labels with
/// positions, the classes may come last, (N, T, C), or as PyTorch's losses have them, (N, C, T), (N, C, H, W). Where
/// both fit, they are last for sequences and second for images.
class OutputForm {
 public:
  OutputForm() = default;
  /// `targets`: prepared, of the same examples. `wanted`: loss.outputs. Throws InputError where the shapes do not fit,
  /// or the loss finds fault with the outputs.
  OutputForm(const torch::Tensor& outputs, const torch::Tensor& targets, const LossSpec& loss, int64_t wanted);
  /// Examples x numbers, or examples x positions x classes; as they are where the loss takes any shape.
  torch::Tensor operator()(const torch::Tensor& outputs) const;

 private:
  enum class Layout { as_given, numbers, classes_last, classes_second };
  Layout layout_ = Layout::numbers;
};

}  // namespace etamax
