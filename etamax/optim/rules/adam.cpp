#include <cmath>

#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { beta1, beta2, eps, weight_decay };

HeavyBall linear(const HyperparameterValues& v) { return {v[beta1], 1 - v[beta1], 0}; }

}  // namespace

/// torch.optim.Adam (amsgrad off): m and v average g and g^2; x -= lr m^ / (sqrt(v^) + eps), m^ and v^ being
/// m and v divided by 1 - beta^t. State: m, v.
OptimizerSpec adam() {
  OptimizerSpec spec;
  spec.name = "adam";
  spec.summary = "momentum, divided by the running size of the gradients, as torch.optim.Adam";
  spec.citation =
      "D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015; edge: J. Cohen et al., Adaptive "
      "gradient methods at the edge of stability, arXiv 2207.14484";
  spec.hyperparameters = {
      fraction("beta1", 0.9, "decay rate of the running average of the gradient"),
      fraction("beta2", 0.999, "decay rate of the running average of the squared gradient"),
      at_least_zero("eps", 1e-8, "added to the denominator, for numerical stability"),
      at_least_zero("weight_decay", 0, "weight decay (L2 penalty), added to the gradient"),
  };
  spec.examples = {{{"beta1", 0}},
                   {{"beta1", 0.5}, {"beta2", 0.9}},
                   {{"eps", 0.1}},
                   {{"weight_decay", 0.1}},
                   {{"beta1", 0.95}, {"eps", 0}, {"weight_decay", 2}}};
  spec.assignments = {"d = g + weight_decay*x", "m = beta1*m + (1 - beta1)*d", "v = beta2*v + (1 - beta2)*d^2",
                      "x = x - lr*m/(1 - beta1^t)/(sqrt(v/(1 - beta2^t)) + eps)"};
  spec.state_symbols = {"m", "v"};
  spec.in_words = [](const HyperparameterValues& v) {
    return "Slopes are averaged, the older ones counting less and less (after each step a share of " +
           format_factor(v[beta1]) +
           " is kept), and divided by how large slopes have usually been. So a step is at most about as long as the "
           "learning rate, whether it is steep there or not." +
           decay_in_words(v[weight_decay]);
  };
  spec.state_vectors = 2;
  spec.state_names = [](const HyperparameterValues&) { return std::vector<std::string>{"exp_avg", "exp_avg_sq"}; };
  spec.step = [](const HyperparameterValues& hp, double lr, long step, std::span<const double> gradient,
                 std::span<double> x, std::span<double> state) {
    const auto m = state.first(x.size()), v = state.last(x.size());
    const double rate = lr / (1 - std::pow(hp[beta1], step)), root = std::sqrt(1 - std::pow(hp[beta2], step));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = gradient[i] + hp[weight_decay] * x[i];
      m[i] = hp[beta1] * m[i] + (1 - hp[beta1]) * g;
      v[i] = hp[beta2] * v[i] + (1 - hp[beta2]) * g * g;
      x[i] -= rate * m[i] / (std::sqrt(v[i]) / root + hp[eps]);
    }
  };
  spec.recurrence = [](const HyperparameterValues& v, double lr, double lambda) {
    return rules::recurrence(linear(v), lr, lambda);
  };
  spec.closed_form_edge = [](const HyperparameterValues& v, double lambda) { return edge(linear(v), lambda); };
  spec.edge_formula = [](const HyperparameterValues& v) -> std::string {
    const std::string h = v[weight_decay] != 0 ? "(H + weight_decay I)" : "H";
    return "2 (1 + beta1) / ((1 - beta1) lambda_max(P^-1 " + h + "))";
  };
  spec.gradient_decay = [](const HyperparameterValues& v) { return v[weight_decay]; };
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
