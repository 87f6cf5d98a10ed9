/// Products of matrices that are made of the outputs' Jacobian J: J' M J, M a matrix on the outputs or on the losses.
#include <ATen/CPUGeneratorImpl.h>

#include "etamax/core/error.h"
#include "etamax/model/detail_derivatives.h"
#include "etamax/model/objective.h"

namespace etamax {

using detail::DualLevel;
using detail::grad;
using torch::Tensor;

/// y and J v, for y = y(parameters). By dual numbers where products are made so; else J v is the derivative by u of
/// J' u, which is linear in u, along v.
std::pair<Tensor, Tensor> ModelObjective::with_tangent(const std::function<Tensor()>& make,
                                                       const std::vector<Tensor>& direction) {
  if (method_ != ProductMethod::double_backward) {
    const DualLevel level;
    for (std::size_t i = 0; i < parameters_.size(); ++i) level.set(parameters_[i], direction[i]);
    const Tensor y = make(), tangent = level.tangent(y);
    return {y, tangent.defined() ? tangent.detach().clone() : torch::zeros_like(y)};
  }
  const Tensor y = make();
  const Tensor u = torch::zeros_like(y).requires_grad_(true);
  std::vector<Tensor> roots, weights;
  const std::vector<Tensor> pulled = grad({y}, parameters_, {u}, true, true, true);
  for (std::size_t i = 0; i < pulled.size(); ++i) {
    if (!pulled[i].defined() || !pulled[i].requires_grad()) continue;
    roots.push_back(pulled[i]);
    weights.push_back(direction[i]);
  }
  Tensor tangent;
  if (!roots.empty()) tangent = grad(roots, {u}, weights, true, false, true)[0];
  return {y, tangent.defined() ? tangent : torch::zeros_like(y)};
}

/// The loss's Hessian by the outputs, times a tangent.
Tensor ModelObjective::curved_by_outputs(const Batch& batch, const Tensor& outputs, const Tensor& tangent) const {
  const Tensor z = outputs.detach().requires_grad_(true);
  Tensor each = loss_.each(z, batch.targets);
  if (batch.counts.defined()) each = each * batch.counts;
  const Tensor slope = grad({each.mean() * batch.weight}, {z}, {}, true, true, true)[0];
  if (!slope.defined() || !slope.requires_grad()) return torch::zeros_like(z);
  const Tensor curved = grad({slope}, {z}, {tangent}, c10::nullopt, false, true)[0];
  return curved.defined() ? curved : torch::zeros_like(z);
}

Tensor ModelObjective::matrix_product(const MatrixChoice& matrix, int64_t k, const std::vector<Tensor>& direction) {
  const torch::AutoGradMode with_gradients(true);
  Batch batch = chunk_at(k);
  double scale = batch.weight / static_cast<double>(batch.inputs.size(0));
  if (matrix.kind == MatrixKind::sampled_fisher) {
    const DrawnTargets& drawn = drawn_targets(matrix.seed);
    batch.targets = drawn.targets.slice(0, k * chunk_, k * chunk_ + batch.inputs.size(0));
    scale *= drawn.of_each;
  }
  const bool of_outputs = matrix.kind == MatrixKind::gauss_newton;
  const auto [y, tangent] =
      with_tangent([&]() -> Tensor { return of_outputs ? form_(forward(batch.inputs)) : losses_of(batch); }, direction);
  const Tensor weights = of_outputs ? curved_by_outputs(batch, y, tangent) : tangent * scale;
  return join(grad({y}, parameters_, {weights}, c10::nullopt, false, true));
}

/// From the distribution that the network gives at the present parameters: the same for one seed on every device.
const ModelObjective::DrawnTargets& ModelObjective::drawn_targets(std::uint64_t seed) {
  if (drawn_ && drawn_->seed == seed && drawn_->versions == versions()) return *drawn_;
  const torch::NoGradGuard no_gradient;
  const at::Generator random = at::detail::createCPUGenerator(seed);
  std::vector<Tensor> parts;
  double draws = 0;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Batch batch = chunk_at(k);
    const LossSpec::Drawn drawn =
        loss_.draw(form_(forward(batch.inputs)).to(torch::kDouble).cpu(), batch.targets.cpu(), random);
    parts.push_back(drawn.targets.to(batch.targets.options()));
    draws += static_cast<double>(drawn.draws);
  }
  ++cost_.forwards;
  drawn_ = {seed, versions(), torch::cat(parts), reduced(draws) / all_examples_};
  return *drawn_;
}

std::string ModelObjective::why_no_matrix(MatrixKind kind) const {
  if (kind != MatrixKind::sampled_fisher || loss_.draw) return "";
  return "needs a loss that is a likelihood, which " + loss_.name + " is not; cross_entropy, nll, mse and bce are";
}

void ModelObjective::apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) {
  if (matrix.kind == MatrixKind::hessian) {
    apply(in, out);
    return;
  }
  if (const std::string why = why_no_matrix(matrix.kind); !why.empty()) throw InputError("matrix", why);
  ++cost_.hvps;
  const std::vector<Tensor> direction = split(tensor_of(in));
  Tensor sum;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Tensor part = matrix_product(matrix, k, direction);
    sum = sum.defined() ? sum.add_(part) : part;
  }
  out = reduced(vector_of(sum));
}

}  // namespace etamax
