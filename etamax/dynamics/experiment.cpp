#include "etamax/dynamics/experiment.h"

#include <utility>

namespace etamax {
namespace {

double decay_of(const OptimizerSpec& optimizer, const HyperparameterValues& values) {
  return optimizer.gradient_decay ? optimizer.gradient_decay(values) : 0;
}

double decoupled_decay_of(const OptimizerSpec& optimizer, const HyperparameterValues& values) {
  return optimizer.gradient_decay ? 0 : hyperparameter(optimizer, values, "weight_decay", 0);
}

bool takes_rate_to_zero(const OptimizerSpec& optimizer, const HyperparameterValues& values) {
  constexpr long kLate = 1000000000;
  return optimizer.lr_scale && optimizer.lr_scale(values, kLate) < optimizer.lr_scale(values, 1);
}

}  // namespace

double DecayedFunction::value(std::span<const double> x) const {
  if (decay_ == 0) return objective_.value(x);  // 0 times an infinite square would not be a number
  double square = 0;
  for (double v : x) square += v * v;
  return objective_.value(x) + decay_ / 2 * square;
}

void DecayedFunction::gradient(std::span<const double> x, std::span<double> gradient) const {
  objective_.gradient(x, gradient);
  if (decay_ == 0) return;
  for (std::size_t i = 0; i < x.size(); ++i) gradient[i] += decay_ * x[i];
}

void DecayedFunction::hessian(std::span<const double> x, std::span<double> hessian) const {
  objective_.hessian(x, hessian);
  for (std::size_t i = 0; i < x.size(); ++i) hessian[i * x.size() + i] += decay_;
}

Experiment::Experiment(const Differentiable& f, std::vector<double> from, const OptimizerSpec& rule,
                       HyperparameterValues settings, Cost& cost, const Progress& progress)
    : objective(f),
      start(std::move(from)),
      optimizer(rule),
      values(std::move(settings)),
      decayed(f, decay_of(rule, values)),
      decoupled_decay(decoupled_decay_of(rule, values)),
      descent(descend(decayed, start, cost, progress)),
      rate_decays(takes_rate_to_zero(rule, values)),
      theory(decayed, descent, optimizer, values) {}

}  // namespace etamax
