#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "etamax/optim/optimizer.h"

namespace etamax {

/// The real step of one parameter on f = curvature x^2 / 2 with its preconditioner held fixed: late, so
/// that bias corrections are 1, and with the part of the state that P is made of put back after each step.
/// Gradients stay so small (1e-18) beside that state (of order 1) that they do not move P either.
class FrozenStep {
 public:
  FrozenStep(const OptimizerSpec& spec, const HyperparameterValues& values, double curvature)
      : spec_(spec), values_(values), curvature_(curvature), state_(static_cast<std::size_t>(spec.state_vectors)) {
    if (spec.preconditioner) find_frozen_state();
    const double decay = spec.gradient_decay ? spec.gradient_decay(values) : 0;
    lambda_ = (curvature + decay) / p_;
    scale_ = 1e-18 / (curvature + decay);
    x_ = {scale_};
  }

  /// The preconditioned curvature, P^-1/2 (H + d) P^-1/2.
  double lambda() const { return lambda_; }
  double x() const { return x_[0]; }
  /// Logarithm of the distance to the minimum, momentum included, what `rescale` took away added back.
  double log_size() const { return log_taken_ + std::log((std::abs(x_[0]) + std::abs(previous_)) / scale_); }

  void advance(double lr) {
    previous_ = x_[0];
    const std::array<double, 1> gradient = {curvature_ * x_[0]};
    spec_.step(values_, spec_.lr_scale ? lr / spec_.lr_scale(values_, kLate) : lr, kLate, gradient, x_, state_);
    for (std::size_t k = 0; k < state_.size(); ++k)
      if (frozen_[k]) state_[k] = kept(k);
  }

  /// Brings the size back into the range where gradients are small but not denormal.
  void rescale() {
    const double size = (std::abs(x_[0]) + std::abs(previous_)) / scale_;
    if (size == 0 || (size < 1 && size > 1e-6)) return;
    log_taken_ += std::log(size);
    x_[0] /= size, previous_ /= size;
    for (std::size_t k = 0; k < state_.size(); ++k)
      if (!frozen_[k]) state_[k] /= size;
  }

 private:
  static constexpr long kLate = 1'000'000'000;
  static double kept(std::size_t block) { return 1.0 / static_cast<double>(block + 1); }

  double preconditioner(const std::vector<double>& state) const {
    double p = 0;
    spec_.preconditioner(values_, kLate, state, {&p, 1});
    return p;
  }

  /// P is made of the state blocks that change it. Its value is what a step at rest makes of them.
  void find_frozen_state() {
    for (std::size_t k = 0; k < state_.size(); ++k) state_[k] = kept(k);
    for (std::size_t k = 0; k < state_.size(); ++k) {
      std::vector<double> moved = state_;
      moved[k] *= 1.25;
      frozen_[k] = preconditioner(moved) != preconditioner(state_);
    }
    for (std::size_t k = 0; k < state_.size(); ++k)
      if (!frozen_[k]) state_[k] = 0;
    std::vector<double> after = state_, nowhere = {0};
    const std::array<double, 1> rest = {0};
    spec_.step(values_, 0, kLate, rest, nowhere, after);
    p_ = preconditioner(after);
  }

  const OptimizerSpec& spec_;
  HyperparameterValues values_;
  double curvature_, lambda_ = 0, scale_ = 0, p_ = 1, previous_ = 0, log_taken_ = 0;
  std::vector<double> x_, state_;
  bool frozen_[8] = {};
};

/// The defaults and the examples of one optimizer.
inline std::vector<Settings> settings_of(const OptimizerSpec& spec) {
  std::vector<Settings> all = {{}};
  all.insert(all.end(), spec.examples.begin(), spec.examples.end());
  return all;
}

inline std::string describe(const OptimizerSpec& spec, const HyperparameterValues& values) {
  std::string text = spec.name;
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    text += " " + spec.hyperparameters[i].name + "=" + std::to_string(values[i]);
  return text;
}

}  // namespace etamax
