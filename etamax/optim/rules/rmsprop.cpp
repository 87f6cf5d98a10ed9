#include <cmath>

#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { alpha, eps, weight_decay, momentum, centered };

/// Where the state lies: v averages g^2, a averages g (centered only), b is the momentum.
struct State {
  State(std::span<double> state, std::size_t n)
      : v(state.first(n)), a(state.subspan(n, n)), b(state.subspan(2 * n, n)) {}
  std::span<double> v, a, b;
};

double size(const HyperparameterValues& hp, double v, double a) {
  return (hp[centered] != 0 ? std::sqrt(v - a * a) : std::sqrt(v)) + hp[eps];
}

HeavyBall linear(const HyperparameterValues& v) { return {v[momentum], 1, 0}; }

}  // namespace

/// torch.optim.RMSprop: v averages g^2; b = momentum b + g / (sqrt(v) + eps); x -= lr b. Centered takes the
/// square of the average of g from v. State: v, a, b.
OptimizerSpec rmsprop() {
  OptimizerSpec spec;
  spec.name = "rmsprop";
  spec.summary = "the gradient, divided by its running size, as torch.optim.RMSprop";
  spec.citation =
      "T. Tieleman and G. Hinton, Lecture 6.5: rmsprop, Coursera 2012; centered: A. Graves, Generating sequences with "
      "recurrent neural networks, arXiv 1308.0850; edge: J. Cohen et al., arXiv 2207.14484";
  Hyperparameter memory = fraction("alpha", 0.99, "decay rate of the running average of the squared gradient");
  memory.range.high_open = false;  // PyTorch accepts 1: the average stays 0
  spec.hyperparameters = {
      memory,
      at_least_zero("eps", 1e-8, "added to the denominator, for numerical stability"),
      at_least_zero("weight_decay", 0, "weight decay (L2 penalty), added to the gradient"),
      fraction("momentum", 0, "momentum factor, the share of the previous update that is kept"),
      flag("centered", "divide by the gradient's running standard deviation instead of its root mean square"),
  };
  spec.examples = {{{"momentum", 0.9}},
                   {{"alpha", 0.9}, {"eps", 0.1}},
                   {{"centered", 1}},
                   {{"weight_decay", 0.5}},
                   {{"centered", 1}, {"momentum", 0.5}, {"weight_decay", 0.5}}};
  spec.assignments = {"d = g + weight_decay*x", "v = alpha*v + (1 - alpha)*d^2", "a = alpha*a + (1 - alpha)*d",
                      "b = momentum*b + d/(sqrt(v - centered*a^2) + eps)", "x = x - lr*b"};
  spec.state_symbols = {"v", "a", "b"};
  spec.in_words = [](const HyperparameterValues& v) {
    return "The slope is divided by how large slopes have lately been, and then taken times the learning rate, downhill. "
           "So a step is about as long as the learning rate, whether it is steep there or not." +
           momentum_in_words(v[momentum]) + decay_in_words(v[weight_decay]);
  };
  spec.state_vectors = 3;
  spec.state_names = [](const HyperparameterValues& v) {
    return std::vector<std::string>{"square_avg", v[centered] != 0 ? "grad_avg" : "",
                                    v[momentum] != 0 ? "momentum_buffer" : ""};
  };
  spec.step = [](const HyperparameterValues& hp, double lr, long, std::span<const double> gradient, std::span<double> x,
                 std::span<double> state) {
    const auto [v, a, b] = State(state, x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = gradient[i] + hp[weight_decay] * x[i];
      v[i] = hp[alpha] * v[i] + (1 - hp[alpha]) * g * g;
      if (hp[centered] != 0) a[i] = hp[alpha] * a[i] + (1 - hp[alpha]) * g;
      b[i] = hp[momentum] * b[i] + g / size(hp, v[i], a[i]);
      x[i] -= lr * b[i];
    }
  };
  spec.recurrence = [](const HyperparameterValues& v, double lr, double lambda) {
    return rules::recurrence(linear(v), lr, lambda);
  };
  spec.closed_form_edge = [](const HyperparameterValues& v, double lambda) { return edge(linear(v), lambda); };
  spec.edge_formula = [](const HyperparameterValues& v) -> std::string {
    return std::string(v[momentum] != 0 ? "2 (1 + momentum)" : "2") + " / lambda_max(P^-1 " +
           (v[weight_decay] != 0 ? "(H + weight_decay I)" : "H") + ")";
  };
  spec.gradient_decay = [](const HyperparameterValues& v) { return v[weight_decay]; };
  spec.preconditioner_memory = [](const HyperparameterValues& v) { return 1 / (1 - v[alpha]); };
  spec.root_of_difference = [](const HyperparameterValues& v) -> std::string {
    return v[centered] != 0 ? "v - a^2" : "";
  };
  spec.preconditioner = [](const HyperparameterValues& hp, long, std::span<const double> state,
                           std::span<double> diagonal) {
    const std::size_t n = diagonal.size();
    for (std::size_t i = 0; i < n; ++i) diagonal[i] = size(hp, state[i], state[n + i]);
  };
  return spec;
}

}  // namespace etamax::rules
