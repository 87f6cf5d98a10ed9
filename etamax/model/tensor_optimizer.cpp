#include "etamax/model/tensor_optimizer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <stdexcept>

namespace etamax {
namespace {

using torch::Tensor;

constexpr int64_t kBlock = 4096;

/// Calls `use(from, count)` for each block of n numbers, on all threads.
template <typename Use>
void for_each_block(int64_t n, Use use) {
  at::parallel_for(0, (n + kBlock - 1) / kBlock, 1, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) use(b * kBlock, std::min(kBlock, n - b * kBlock));
  });
}

/// Numbers of a contiguous CPU tensor of 32 or 64 bit, as doubles and back.
void load(const Tensor& from, int64_t at, int64_t count, double* to) {
  if (from.scalar_type() == torch::kDouble)
    std::copy_n(from.data_ptr<double>() + at, count, to);
  else
    std::copy_n(from.data_ptr<float>() + at, count, to);
}
void store(const double* from, int64_t at, int64_t count, const Tensor& to) {
  if (to.scalar_type() == torch::kDouble)
    std::copy_n(from, count, to.data_ptr<double>() + at);
  else
    std::transform(from, from + count, to.data_ptr<float>() + at, [](double x) { return static_cast<float>(x); });
}

std::size_t size(int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

TensorOptimizer::TensorOptimizer(const OptimizerSpec& spec, const HyperparameterValues& values, const Tensor& like)
    : spec_(spec), values_(values) {
  for (int i = 0; i < spec.state_vectors; ++i)
    state_.push_back(torch::zeros({like.numel()}, like.options().device(torch::kCPU).requires_grad(false)));
}

TensorOptimizer::TensorOptimizer(const TensorOptimizer& other)
    : spec_(other.spec_), values_(other.values_), steps_(other.steps_) {
  for (const Tensor& vector : other.state_) state_.push_back(vector.clone());
}

void TensorOptimizer::step(double lr, Tensor& parameters, const Tensor& gradient) {
  ++steps_;
  const torch::NoGradGuard no_gradient;
  // The rule is written for the processor: what lives elsewhere comes and goes.
  const Tensor x = parameters.cpu().contiguous(), g = gradient.cpu().contiguous();
  for_each_block(x.numel(), [&](int64_t at, int64_t count) {
    std::vector<double> point(size(count)), slope(size(count)), state(size(count) * state_.size());
    load(x, at, count, point.data());
    load(g, at, count, slope.data());
    for (std::size_t i = 0; i < state_.size(); ++i) load(state_[i], at, count, state.data() + i * size(count));
    spec_.step(values_, lr, steps_, slope, point, state);
    store(point.data(), at, count, x);
    for (std::size_t i = 0; i < state_.size(); ++i) store(state.data() + i * size(count), at, count, state_[i]);
  });
  if (!x.is_alias_of(parameters)) parameters.copy_(x);
}

void TensorOptimizer::set_state(const std::vector<Tensor>& state, long steps) {
  if (state.size() != state_.size()) throw std::invalid_argument("optimizer state of another rule");
  for (std::size_t i = 0; i < state.size(); ++i) state_[i].copy_(state[i]);
  steps_ = steps;
}

Tensor TensorOptimizer::preconditioner() const {
  const int64_t n = state_.front().numel();
  Tensor diagonal = torch::empty_like(state_.front());
  for_each_block(n, [&](int64_t at, int64_t count) {
    std::vector<double> state(size(count) * state_.size()), p(size(count));
    for (std::size_t i = 0; i < state_.size(); ++i) load(state_[i], at, count, state.data() + i * size(count));
    spec_.preconditioner(values_, steps_, state, p);
    store(p.data(), at, count, diagonal);
  });
  return diagonal;
}

}  // namespace etamax
