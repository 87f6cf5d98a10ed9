#include <cmath>

#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { beta1, beta2, eps, weight_decay };

HeavyBall linear(const HyperparameterValues& v) { return {v[beta1], 1 - v[beta1], v[weight_decay]}; }

}  // namespace

/// torch.optim.AdamW (amsgrad off): Adam's step from the bare gradient, after x has shrunk by 1 - lr
/// weight_decay. State: m, v.
OptimizerSpec adamw() {
  OptimizerSpec spec;
  spec.name = "adamw";
  spec.summary = "Adam with decoupled weight decay, as torch.optim.AdamW";
  spec.citation =
      "I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019; edge: as for adam, the decay "
      "added to the recurrence";
  spec.hyperparameters = {
      fraction("beta1", 0.9, "decay rate of the running average of the gradient"),
      fraction("beta2", 0.999, "decay rate of the running average of the squared gradient"),
      at_least_zero("eps", 1e-8, "added to the denominator, for numerical stability"),
      at_least_zero("weight_decay", 0.01, "decoupled weight decay, which shrinks x by the factor 1 - lr*weight_decay"),
  };
  spec.examples = {{{"weight_decay", 0}},
                   {{"weight_decay", 2}},
                   {{"beta1", 0}, {"weight_decay", 0.5}},
                   {{"beta1", 0.5}, {"beta2", 0.9}, {"eps", 0.1}, {"weight_decay", 0.1}}};
  spec.assignments = {"m = beta1*m + (1 - beta1)*g", "v = beta2*v + (1 - beta2)*g^2",
                      "x = x*(1 - lr*weight_decay) - lr*m/(1 - beta1^t)/(sqrt(v/(1 - beta2^t)) + eps)"};
  spec.state_symbols = {"m", "v"};
  spec.in_words = [](const HyperparameterValues& v) {
    const std::string pull = " Besides, each step takes away " + format_number(v[weight_decay]) +
                             " times the learning rate of x itself, which pulls x toward zero.";
    return "Slopes are averaged, the older ones counting less and less (after each step a share of " +
           format_factor(v[beta1]) +
           " is kept), and divided by how large slopes have usually been. So a step is at most about as long as the "
           "learning rate, whether it is steep there or not." +
           (v[weight_decay] == 0 ? "" : pull);
  };
  spec.state_vectors = 2;
  spec.state_names = [](const HyperparameterValues&) { return std::vector<std::string>{"exp_avg", "exp_avg_sq"}; };
  spec.step = [](const HyperparameterValues& hp, double lr, long step, std::span<const double> g, std::span<double> x,
                 std::span<double> state) {
    const auto m = state.first(x.size()), v = state.last(x.size());
    const double rate = lr / (1 - std::pow(hp[beta1], step)), root = std::sqrt(1 - std::pow(hp[beta2], step));
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] *= 1 - lr * hp[weight_decay];
      m[i] = hp[beta1] * m[i] + (1 - hp[beta1]) * g[i];
      v[i] = hp[beta2] * v[i] + (1 - hp[beta2]) * g[i] * g[i];
      x[i] -= rate * m[i] / (std::sqrt(v[i]) / root + hp[eps]);
    }
  };
  spec.recurrence = [](const HyperparameterValues& v, double lr, double lambda) {
    return rules::recurrence(linear(v), lr, lambda);
  };
  spec.closed_form_edge = [](const HyperparameterValues& v, double lambda) { return edge(linear(v), lambda); };
  spec.edge_formula = [](const HyperparameterValues& v) -> std::string {
    if (v[weight_decay] == 0) return "2 (1 + beta1) / ((1 - beta1) lambda_max(P^-1 H))";
    return "2 (1 + beta1) / ((1 - beta1) lambda_max(P^-1 H) + (1 + beta1) weight_decay)";
  };
  spec.preconditioner_memory = [](const HyperparameterValues& v) { return 1 / (1 - v[beta2]); };
  spec.preconditioner = [](const HyperparameterValues& hp, long step, std::span<const double> state,
                           std::span<double> diagonal) {
    const auto v = state.last(diagonal.size());
    const double root = std::sqrt(1 - std::pow(hp[beta2], step));
    for (std::size_t i = 0; i < diagonal.size(); ++i) diagonal[i] = std::sqrt(v[i]) / root + hp[eps];
  };
  return spec;
}

}  // namespace etamax::rules
