/// The ways in which a product with the Hessian is made (docs/theory.md, sections 9 and 11).
#include <algorithm>

#include "etamax/model/detail_derivatives.h"
#include "etamax/model/objective.h"

namespace etamax {

using detail::DualLevel;
using detail::grad;
using torch::Tensor;

std::vector<Tensor> ModelObjective::differentiable_gradient(const Batch& batch) {
  const torch::AutoGradMode with_gradients(true);
  return grad({loss_of(batch)}, parameters_, {}, true, /*create_graph=*/true);
}

Tensor ModelObjective::double_backward(const std::vector<Tensor>& gradient, const std::vector<Tensor>& direction,
                                       bool keep) {
  // A gradient that does not depend on the parameters has no product.
  std::vector<Tensor> roots, weights;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (!gradient[i].requires_grad()) continue;
    roots.push_back(gradient[i]);
    weights.push_back(direction[i]);
  }
  if (roots.empty()) return torch::zeros({size_}, vector_options());
  return join(grad(roots, parameters_, weights, keep, false, /*allow_unused=*/true));
}

Tensor ModelObjective::forward_over_reverse(const Batch& batch, const std::vector<Tensor>& direction) {
  const torch::AutoGradMode with_gradients(true);
  const DualLevel level;
  for (std::size_t i = 0; i < parameters_.size(); ++i) level.set(parameters_[i], direction[i]);
  std::vector<Tensor> tangents;
  for (const Tensor& g : grad({loss_of(batch)}, parameters_)) tangents.push_back(level.tangent(g));
  return join(tangents);
}

/// What is differentiated is one number, the derivative of the loss along the direction: the gradient itself, which
/// the other ways compute on the way, is never formed.
Tensor ModelObjective::reverse_over_forward(const Batch& batch, const std::vector<Tensor>& direction) {
  const torch::AutoGradMode with_gradients(true);
  Tensor slope;
  {
    const DualLevel level;  // it ends before the way back, which would be taken with dual numbers, too
    for (std::size_t i = 0; i < parameters_.size(); ++i) level.set(parameters_[i], direction[i]);
    slope = level.tangent(loss_of(batch));
  }
  if (!slope.defined() || !slope.requires_grad()) return torch::zeros({size_}, vector_options());
  return join(grad({slope}, parameters_, {}, c10::nullopt, false, /*allow_unused=*/true));
}

/// LibTorch's formulas for dual numbers need not be differentiable themselves where their values are right. So each
/// layer's part of a product is compared with double backward's.
bool ModelObjective::backward_is_right(const std::vector<Tensor>& direction) {
  constexpr double kRoundings = 4096, kSmall = 1e-2;  // of a layer's part; of the whole, what a part is measured by
  const Batch few = first(2);
  const Tensor exact = double_backward(differentiable_gradient(few), direction, false);
  const Tensor off = reverse_over_forward(few, direction) - exact;
  const double least = kSmall * exact.norm().item<double>();
  return std::all_of(blocks_.begin(), blocks_.end(), [&](const ParameterBlock& b) {
    const auto size = [&](const Tensor& x) {
      return x.slice(0, static_cast<int64_t>(b.from), static_cast<int64_t>(b.to)).norm().item<double>();
    };
    return size(off) <= kRoundings * roundoff() * std::max(size(exact), least);
  });
}

Tensor ModelObjective::product(const Batch& batch, const Tensor& v) {
  if (method_ == ProductMethod::reverse_over_forward) return reverse_over_forward(batch, split(v));
  if (method_ == ProductMethod::forward_over_reverse) return forward_over_reverse(batch, split(v));
  return double_backward(differentiable_gradient(batch), split(v), false);
}

}  // namespace etamax
