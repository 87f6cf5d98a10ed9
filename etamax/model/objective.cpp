#include "etamax/model/objective.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "etamax/core/error.h"
#include "etamax/model/detail_derivatives.h"
#include "etamax/model/interruptible.h"
#include "etamax/model/memory_fit.h"

namespace etamax {
namespace {

using detail::DualLevel;
using detail::grad;
using torch::Tensor;

std::vector<double> numbers_of(const Tensor& x) {
  const Tensor wide = x.to(torch::kDouble).cpu().contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

/// Whether the network and the loss are able to do that. Memory that does not suffice says nothing of it.
template <typename Attempt>
bool can(Attempt attempt) {
  try {
    attempt();
    return true;
  } catch (const InputError&) {
  } catch (const c10::Error& e) {
    if (out_of_memory(e)) throw;
  }
  return false;
}

}  // namespace

ModelObjective::ModelObjective(std::shared_ptr<BorrowedNetwork> network, const Dataset& data, const LossSpec& loss,
                               const ModelObjectiveOptions& options)
    : network_(std::move(network)), data_(data), loss_(loss), options_(options) {
  options_.type = network_->type();
  options_.device = network_->device();
  targets_ = loss.prepare(data.targets, options_.type).to(options_.device);
  inputs_ = data.inputs.to(options_.device, options_.type);
  all_examples_ = reduced(static_cast<double>(count()));
  find_counts();
  find_form(loss.outputs(data.targets));
  find_least_batch();
  chunk_ = std::clamp<int64_t>(options.chunk, std::min(least_batch_, count()), count());
  find_parameters();
  choose_method(options.method);
}

ModelObjective::ModelObjective(Network network, const Dataset& data, const LossSpec& loss,
                               const ModelObjectiveOptions& options)
    : ModelObjective(std::make_shared<BorrowedNetwork>(std::move(network), options.type, options.device), data, loss,
                     options) {}

ModelObjective::Batch ModelObjective::chunk_at(int64_t k) const {
  const int64_t from = k * chunk_, to = k + 1 < chunks() ? from + chunk_ : count();
  return {inputs_.slice(0, from, to), targets_.slice(0, from, to),
          counts_.defined() ? counts_.slice(0, from, to) : Tensor(), static_cast<double>(to - from) / all_examples_};
}

ModelObjective::Batch ModelObjective::batch(const Rows& rows) const {
  const Tensor at = row_numbers(rows).to(inputs_.device());
  Batch batch{inputs_.index_select(0, at), targets_.index_select(0, at)};
  double here = static_cast<double>(rows.size());
  if (counts_.defined()) {
    const Tensor counts = counts_.index_select(0, at);
    here = counts.sum().item<double>();
    batch.counts = here > 0 ? counts * (static_cast<double>(rows.size()) / here) : counts;
  }
  if (options_.reduction) {
    const double all = reduced(here);
    batch.weight = all > 0 ? here / all : 0;
  }
  return batch;
}

/// To find things out on. Ranks do so each by itself.
ModelObjective::Batch ModelObjective::first(int64_t examples) const {
  const int64_t few = std::min(examples, count());
  return {inputs_.slice(0, 0, few), targets_.slice(0, 0, few)};
}

/// What the network refuses, it may refuse of any example (a word beyond its vocabulary).
Tensor ModelObjective::forward(const Tensor& inputs) {
  try {
    return interruptible([&] { return network().forward(inputs); });
  } catch (const c10::NotImplementedError&) {  // a derivative that LibTorch lacks: not the examples' fault
    throw;
  } catch (const c10::Error& e) {
    if (out_of_memory(e)) throw;
    const auto shape = inputs.sizes().slice(1);
    throw InputError(
        "model",
        "cannot take examples of shape " + c10::str(shape) + ": " +
            std::string(e.what_without_backtrace()).substr(0, 200) +
            (looks_channels_last(shape) ? "; the channels come first in PyTorch, as X.transpose(0, 3, 1, 2)" : ""));
  }
}

Tensor ModelObjective::losses_of(const Batch& batch) {
  const Tensor outputs = form_(forward(batch.inputs));
  const Tensor each = interruptible([&] { return loss_.each(outputs, batch.targets); });
  return batch.counts.defined() ? each * batch.counts : each;
}

/// Ranks agree on whether examples count differently, for each then asks the others about its batches.
void ModelObjective::find_counts() {
  if (!loss_.counts) return;
  const Tensor counts = loss_.counts(targets_).to(torch::kDouble);
  const double most = static_cast<double>(targets_[0].numel());
  if (reduced((counts < most).sum().item<double>()) == 0) return;
  const double mean = reduced(counts.sum().item<double>()) / all_examples_;
  counts_ = (counts / mean).to(options_.type);
}

void ModelObjective::find_form(int64_t wanted) {
  const torch::NoGradGuard no_gradient;
  const Batch two = first(2);
  form_ = OutputForm(forward(two.inputs), two.targets, loss_, wanted);
  losses_of(two);  // what a loss of one's own refuses
}

/// Batch norm refuses to normalize a single example's numbers, and a network that drops dimensions of size 1 may drop
/// that of the examples.
void ModelObjective::find_least_batch() {
  const torch::NoGradGuard no_gradient;
  if (count() < 2) return;
  bool one_each = false;
  if (!can([&] { one_each = losses_of(first(1)).numel() == 1; }) || !one_each) least_batch_ = 2;
}

void ModelObjective::find_parameters() {
  const torch::AutoGradMode with_gradients(true);
  std::vector<NamedTensor> candidates;
  for (const NamedTensor& p : network().parameters) {
    if (p.tensor.requires_grad() && p.tensor.is_floating_point())
      candidates.push_back(p);
    else
      frozen_.push_back(p.name);
  }
  if (candidates.empty()) throw InputError("model", "has no parameter that is not frozen");
  std::vector<Tensor> tensors;
  for (const NamedTensor& p : candidates) tensors.push_back(p.tensor);
  const Tensor loss = loss_of(first(2));
  if (!loss.requires_grad()) throw InputError("model", "its output depends on no parameter");
  const auto gradients = grad({loss}, tensors, {}, c10::nullopt, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!gradients[i].defined()) {
      unused_.push_back(candidates[i].name);
      continue;
    }
    const Tensor& p = candidates[i].tensor;
    parameters_.push_back(p);
    blocks_.push_back(
        {candidates[i].name, static_cast<std::size_t>(size_), static_cast<std::size_t>(size_ + p.numel())});
    shaped_blocks_.push_back({candidates[i].name, p.sizes().vec(), size_, size_ + p.numel()});
    size_ += p.numel();
  }
}

/// Whether dual numbers can do all of the network's operations, and do them right backward, is found out on a few
/// examples; what those say of a script may not hold after some more runs.
void ModelObjective::choose_method(std::optional<ProductMethod> wanted) {
  method_ = wanted.value_or(ProductMethod::double_backward);
  if (wanted || (chunks() == 1 && !network().convolves)) return;
  const std::vector<Tensor> direction = split(tensor_of(random_normal(0)));
  if (!can([&] { forward_over_reverse(first(2), direction); })) return;
  method_ = ProductMethod::forward_over_reverse;
  const bool scripted = network().scripted || loss_.takes_any_shape;  // the latter is for losses of one's own
  bool agrees = false;
  if (!scripted && !network().convolves && can([&] { agrees = backward_is_right(direction); }) && agrees)
    method_ = ProductMethod::reverse_over_forward;
}

std::vector<Tensor> ModelObjective::split(const Tensor& flat) const {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    tensors.push_back(flat.slice(0, shaped_blocks_[i].from, shaped_blocks_[i].to).view_as(parameters_[i]));
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
  return reduced(sum);
}

std::vector<double> ModelObjective::losses() {
  const torch::NoGradGuard no_gradient;
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < chunks(); ++k) parts.push_back(losses_of(chunk_at(k)));
  ++cost_.forwards;
  return numbers_of(torch::cat(parts));
}

Tensor ModelObjective::outputs() {
  const torch::NoGradGuard no_gradient;
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < chunks(); ++k) parts.push_back(form_(forward(chunk_at(k).inputs)).flatten(1));
  ++cost_.forwards;
  return torch::cat(parts);
}

bool ModelObjective::outputs_are_all_the_same() {
  constexpr double kSame = 1e-3;  // of their size
  if (count() < 2) return false;
  const Tensor all = outputs().to(torch::kDouble);
  return all.std(0, false).max().item<double>() <= kSame * (1e-6 + all.abs().max().item<double>());
}

/// Ranks may differ in whether a graph is kept, so both ways complete the same sums.
Vector ModelObjective::gradient() {
  ++cost_.gradients;
  return reduced(vector_of(kept_ ? join(kept_gradient()).detach() : sums_here().second));
}

/// Of the parameters: another objective of the same network, or the program that calls us, may have written to them.
std::vector<int64_t> ModelObjective::versions() const {
  std::vector<int64_t> versions;
  for (const Tensor& p : parameters_) versions.push_back(p._version());
  return versions;
}

const std::vector<Tensor>& ModelObjective::kept_gradient() {
  if (!kept_ || kept_->versions != versions()) kept_ = {differentiable_gradient(chunk_at(0)), versions()};
  return kept_->gradient;
}

/// This rank's parts of the loss and of its gradient.
std::pair<double, Tensor> ModelObjective::sums_here() {
  const torch::AutoGradMode with_gradients(true);
  double loss_sum = 0;
  Tensor sum;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Tensor loss = loss_of(chunk_at(k)), part = join(grad({loss}, parameters_));
    loss_sum += loss.item<double>();
    sum = sum.defined() ? sum.add_(part) : part;
  }
  return {loss_sum, sum};
}

LossAndGradient ModelObjective::loss_and_gradient() {
  ++cost_.gradients;
  auto [loss, gradient] = sums_here();
  return {reduced(loss), reduced(vector_of(std::move(gradient)))};
}

LossAndGradient ModelObjective::batch_gradient(const Rows& rows) {
  const torch::AutoGradMode with_gradients(true);
  const Tensor loss = loss_of(batch(rows));
  ++cost_.gradients;
  Tensor gradient = join(grad({loss}, parameters_));
  return {reduced(loss.item<double>()), reduced(vector_of(std::move(gradient)))};
}

Vector ModelObjective::batch_product(const Rows& rows, const Vector& v) {
  ++cost_.hvps;
  return reduced(vector_of(product(batch(rows), tensor_of(v))));
}

void ModelObjective::apply(const Vector& in, Vector& out) {
  ++cost_.hvps;
  if (keeps_graph()) {
    out = reduced(vector_of(double_backward(kept_gradient(), split(tensor_of(in)), true)));
    return;
  }
  Tensor sum;
  for (int64_t k = 0; k < chunks(); ++k) {
    const Tensor part = product(chunk_at(k), tensor_of(in));
    sum = sum.defined() ? sum.add_(part) : part;
  }
  out = reduced(vector_of(sum));
}

/// Of the rank that keeps none, where ranks differ.
ProductPrice ModelObjective::product_price() const {
  const bool all_keep = reduced(keeps_graph() ? 0.0 : 1.0) == 0;
  return {3, all_keep ? 2.0 : 3.0};
}

/// With a weight c_i for each example's loss, v' H(c) v = sum_i c_i v' H_i v: its derivative by c is what is
/// asked for.
std::vector<double> ModelObjective::curvatures(const Vector& v) {
  const torch::AutoGradMode with_gradients(true);
  const std::vector<Tensor> direction = split(tensor_of(v));
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
  return numbers_of(torch::cat(parts).detach());
}

Vector ModelObjective::parameters() const {
  const torch::NoGradGuard no_gradient;
  return vector_of(join(parameters_));
}

void ModelObjective::set_parameters(const Vector& parameters) {
  const torch::NoGradGuard no_gradient;
  const std::vector<Tensor> tensors = split(tensor_of(parameters));
  for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i].copy_(tensors[i]);
  kept_.reset();
}

Vector ModelObjective::random_normal(std::uint64_t seed) const {
  // Drawn on the CPU, in 64 bit: the same on every device, in every type.
  const at::Generator random = at::detail::createCPUGenerator(seed);
  return vector_of(torch::randn({size_}, random, torch::kDouble).to(vector_options()));
}

double ModelObjective::roundoff() const { return options_.type == torch::kDouble ? 0x1p-53 : 0x1p-24; }

std::unique_ptr<Objective> ModelObjective::in_64_bit() {
  if (options_.type == torch::kDouble) return nullptr;
  kept_.reset();  // its graph is of the tensors that make room now
  auto exact = std::make_unique<ModelObjective>(
      std::make_shared<BorrowedNetwork>(network(), torch::kDouble, options_.device), data_, loss_, options_);
  if (drawn_ && drawn_->versions == versions()) {  // the same targets, not those of outputs that differ by roundings
    const Tensor& targets = drawn_->targets;
    exact->drawn_ = {drawn_->seed, exact->versions(),
                     targets.is_floating_point() ? targets.to(torch::kDouble) : targets, drawn_->of_each};
  }
  return exact;
}

Rows ModelObjective::shuffled(std::uint64_t seed) const {
  const Tensor order = shuffled_rows(count(), seed);
  return {order.data_ptr<int64_t>(), order.data_ptr<int64_t>() + order.numel()};
}

std::unique_ptr<Objective> ModelObjective::objective_on(const Rows& rows) {
  return std::make_unique<ModelObjective>(network_, take_rows(data_, row_numbers(rows)), loss_, options_);
}

Tensor row_numbers(const Rows& rows) {
  return torch::tensor(c10::ArrayRef<int64_t>(rows.data(), rows.size()), torch::kLong);
}

}  // namespace etamax
