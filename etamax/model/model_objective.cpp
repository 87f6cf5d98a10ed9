#include "etamax/model/model_objective.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>
#include <torch/version.h>

#include <algorithm>

#include "etamax/core/error.h"

namespace etamax {
namespace {

using torch::Tensor;
using torch::autograd::grad;

/// A level of dual numbers, for as long as it lives.
class DualLevel {
 public:
  DualLevel() : index_(torch::autograd::ForwardADLevel::get_next_idx()) {}
  ~DualLevel() { torch::autograd::ForwardADLevel::release_idx(index_); }
  DualLevel(const DualLevel&) = delete;
  DualLevel& operator=(const DualLevel&) = delete;
  void set(const Tensor& x, const Tensor& tangent) const { x._set_fw_grad(tangent, index_, false); }
  Tensor tangent(const Tensor& x) const { return x._fw_grad(index_); }

 private:
  uint64_t index_;
};

/// Fused attention has a first derivative only; written out, as PyTorch calls it "math", it has all. For the process.
void use_attention_with_second_derivatives() {
#if TORCH_VERSION_MAJOR >= 2
  at::globalContext().setSDPUseFlash(false);
  at::globalContext().setSDPUseMemEfficient(false);
#endif
}

}  // namespace

ModelObjective::ModelObjective(Network network, const Dataset& data, const LossSpec& loss,
                               const ModelObjectiveOptions& options)
    : network_(std::move(network)), loss_(loss) {
  use_attention_with_second_derivatives();
  targets_ = loss.prepare(data.targets, options.type).to(options.device);
  inputs_ = data.inputs.to(options.device, options.type);
  const auto move = [&](NamedTensor& named) {
    const auto type = named.tensor.is_floating_point() ? options.type : named.tensor.scalar_type();
    named.tensor.set_data(named.tensor.data().to(options.device, type));
  };
  std::for_each(network_.parameters.begin(), network_.parameters.end(), move);
  std::for_each(network_.buffers.begin(), network_.buffers.end(), move);
  for (const NamedTensor& buffer : network_.buffers) buffers_as_found_.push_back(buffer.tensor.clone());
  chunk_ = std::clamp<int64_t>(options.chunk, 1, examples());
  check_outputs(loss.outputs(data.targets));
  find_parameters();
  as_found_ = parameters();
  choose_method(options.method);
}

ModelObjective::~ModelObjective() {
  const torch::NoGradGuard no_gradient;
  if (as_found_.defined()) set_parameters(as_found_);
  for (std::size_t i = 0; i < buffers_as_found_.size(); ++i) network_.buffers[i].tensor.copy_(buffers_as_found_[i]);
}

ModelObjective::Batch ModelObjective::chunk_at(int64_t k) const {
  const int64_t from = k * chunk_, to = std::min(from + chunk_, examples());
  return {inputs_.slice(0, from, to), targets_.slice(0, from, to),
          static_cast<double>(to - from) / static_cast<double>(examples())};
}

ModelObjective::Batch ModelObjective::batch(const Tensor& rows) const {
  const Tensor at = rows.to(inputs_.device());
  return {inputs_.index_select(0, at), targets_.index_select(0, at), 1};
}

Tensor ModelObjective::losses_of(const Batch& batch) {
  return loss_.each(network_.forward(batch.inputs), batch.targets);
}

void ModelObjective::check_outputs(int64_t wanted) {
  const torch::NoGradGuard no_gradient;
  const Batch two = {inputs_.slice(0, 0, std::min<int64_t>(2, examples())),
                     targets_.slice(0, 0, std::min<int64_t>(2, examples()))};
  Tensor outputs;
  try {
    outputs = network_.forward(two.inputs);
  } catch (const c10::Error& e) {
    throw InputError("--model: cannot take examples of shape " + c10::str(inputs_.sizes().slice(1)) + ": " +
                     std::string(e.what_without_backtrace()).substr(0, 200));
  }
  const int64_t positions = two.targets.scalar_type() == torch::kLong ? two.targets.dim() : 1;
  if (outputs.dim() != positions + 1 || outputs.size(0) != two.inputs.size(0) || outputs.size(-1) < wanted ||
      (wanted != outputs.size(-1) && two.targets.scalar_type() != torch::kLong) ||
      (positions == 2 && outputs.size(1) != two.targets.size(1)))
    throw InputError(
        "--model: gives outputs of shape " + c10::str(outputs.sizes()) + " for " + std::to_string(two.inputs.size(0)) +
        " examples, but the loss " + loss_.name + " needs " + std::to_string(wanted) +
        (positions == 2 ? " for each of " + std::to_string(two.targets.size(1)) + " positions of each" : " for each"));
}

void ModelObjective::find_parameters() {
  std::vector<NamedTensor> candidates;
  for (const NamedTensor& p : network_.parameters) {
    if (p.tensor.requires_grad() && p.tensor.is_floating_point())
      candidates.push_back(p);
    else
      frozen_.push_back(p.name);
  }
  if (candidates.empty()) throw InputError("--model: has no parameter that is not frozen");
  std::vector<Tensor> tensors;
  for (const NamedTensor& p : candidates) tensors.push_back(p.tensor);
  const Batch first = batch(torch::arange(std::min<int64_t>(2, examples()), torch::kLong));
  const Tensor loss = loss_of(first);
  if (!loss.requires_grad()) throw InputError("--model: its output depends on no parameter");
  const auto gradients = grad({loss}, tensors, {}, c10::nullopt, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!gradients[i].defined()) {
      unused_.push_back(candidates[i].name);
      continue;
    }
    const Tensor& p = candidates[i].tensor;
    parameters_.push_back(p);
    blocks_.push_back({candidates[i].name, p.sizes().vec(), size_, size_ + p.numel()});
    size_ += p.numel();
  }
}

/// Whether forward over reverse can do all of the network's operations is found out on a few examples.
void ModelObjective::choose_method(std::optional<ProductMethod> wanted) {
  method_ = wanted.value_or(network_.convolves || chunks() > 1 ? ProductMethod::forward_over_reverse
                                                               : ProductMethod::double_backward);
  if (wanted || method_ == ProductMethod::double_backward) return;
  try {
    const Batch few = batch(torch::arange(std::min<int64_t>(2, examples()), torch::kLong));
    forward_over_reverse(few, split(torch::zeros({size_}, vector_options())));
  } catch (const c10::Error&) {
    method_ = ProductMethod::double_backward;
  }
}

std::vector<Tensor> ModelObjective::split(const Tensor& flat) const {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    tensors.push_back(flat.slice(0, blocks_[i].from, blocks_[i].to).view_as(parameters_[i]));
  return tensors;
}

Tensor ModelObjective::join(const std::vector<Tensor>& tensors) const {
  std::vector<Tensor> flat;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    flat.push_back(tensors[i].defined() ? tensors[i].reshape({-1}) : torch::zeros_like(parameters_[i]).reshape({-1}));
  return torch::cat(flat);
}

double ModelObjective::loss() {
  const torch::NoGradGuard no_gradient;
  double sum = 0;
  for (int64_t k = 0; k < chunks(); ++k) sum += loss_of(chunk_at(k)).item<double>();
  ++cost_.forwards;
  return sum;
}

Tensor ModelObjective::example_losses() {
  const torch::NoGradGuard no_gradient;
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < chunks(); ++k) parts.push_back(losses_of(chunk_at(k)));
  ++cost_.forwards;
  return torch::cat(parts);
}

Tensor ModelObjective::outputs() {
  const torch::NoGradGuard no_gradient;
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < chunks(); ++k) parts.push_back(network_.forward(chunk_at(k).inputs).flatten(1));
  ++cost_.forwards;
  return torch::cat(parts);
}

Tensor ModelObjective::gradient() {
  if (!kept_) return loss_and_gradient().gradient;
  ++cost_.gradients;
  return join(kept_gradient()).detach();
}

/// Another objective of the same network, or the program that calls us, may have written to the parameters since.
const std::vector<Tensor>& ModelObjective::kept_gradient() {
  std::vector<int64_t> versions;
  for (const Tensor& p : parameters_) versions.push_back(p._version());
  if (!kept_ || kept_->versions != versions) kept_ = {differentiable_gradient(chunk_at(0)), versions};
  return kept_->gradient;
}

ModelObjective::LossAndGradient ModelObjective::loss_and_gradient() {
  ++cost_.gradients;
  LossAndGradient sum;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Tensor loss = loss_of(chunk_at(k)), part = join(grad({loss}, parameters_));
    sum.loss += loss.item<double>();
    sum.gradient = sum.gradient.defined() ? sum.gradient.add_(part) : part;
  }
  return sum;
}

ModelObjective::LossAndGradient ModelObjective::batch_gradient(const Tensor& rows) {
  const Tensor loss = loss_of(batch(rows));
  ++cost_.gradients;
  return {loss.item<double>(), join(grad({loss}, parameters_))};
}

Tensor ModelObjective::batch_product(const Tensor& rows, const Tensor& v) {
  ++cost_.hvps;
  return product(batch(rows), v);
}

std::vector<Tensor> ModelObjective::differentiable_gradient(const Batch& batch) {
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
  const DualLevel level;
  for (std::size_t i = 0; i < parameters_.size(); ++i) level.set(parameters_[i], direction[i]);
  std::vector<Tensor> tangents;
  for (const Tensor& g : grad({loss_of(batch)}, parameters_)) tangents.push_back(level.tangent(g));
  return join(tangents);
}

Tensor ModelObjective::product(const Batch& batch, const Tensor& v) {
  if (method_ == ProductMethod::forward_over_reverse) return forward_over_reverse(batch, split(v));
  return double_backward(differentiable_gradient(batch), split(v), false);
}

void ModelObjective::apply(const Tensor& in, Tensor& out) {
  ++cost_.hvps;
  if (chunks() == 1 && method_ == ProductMethod::double_backward) {
    out = double_backward(kept_gradient(), split(in), true);
    return;
  }
  Tensor sum;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Tensor part = product(chunk_at(k), in);
    sum = sum.defined() ? sum.add_(part) : part;
  }
  out = sum;
}

/// With a weight c_i for each example's loss, v' H(c) v = sum_i c_i v' H_i v: its derivative by c is what is
/// asked for.
Tensor ModelObjective::example_curvatures(const Tensor& v) {
  const std::vector<Tensor> direction = split(v);
  const auto along = [&](const std::vector<Tensor>& g) {
    Tensor sum = torch::zeros({}, vector_options());
    for (std::size_t i = 0; i < g.size(); ++i)
      if (g[i].defined() && g[i].requires_grad()) sum = sum + (g[i] * direction[i]).sum();
    return sum;
  };
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Batch part = chunk_at(k);
    const Tensor weights = torch::ones({part.inputs.size(0)}, vector_options().requires_grad(true));
    const Tensor slope = along(grad({(losses_of(part) * weights).sum()}, parameters_, {}, true, true));
    Tensor curvature = slope;
    if (slope.requires_grad()) curvature = along(grad({slope}, parameters_, {}, true, true, true));
    parts.push_back(curvature.requires_grad() ? grad({curvature}, {weights}, {}, c10::nullopt, false, true)[0]
                                              : torch::zeros_like(weights));
    if (!parts.back().defined()) parts.back() = torch::zeros_like(weights);
  }
  cost_.hvps += 2;  // about what three nested passes cost
  return torch::cat(parts).detach();
}

Tensor ModelObjective::parameters() const {
  const torch::NoGradGuard no_gradient;
  return join(parameters_);
}

void ModelObjective::set_parameters(const Tensor& flat) {
  const torch::NoGradGuard no_gradient;
  const std::vector<Tensor> tensors = split(flat);
  for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i].copy_(tensors[i]);
  kept_.reset();
}

Tensor ModelObjective::random_normal(std::uint64_t seed) const {
  // Drawn on the CPU, in 64 bit: the same on every device, in every type.
  const at::Generator random = at::detail::createCPUGenerator(seed);
  return torch::randn({size_}, random, torch::kDouble).to(vector_options());
}

}  // namespace etamax
