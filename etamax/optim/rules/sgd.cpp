#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { momentum, dampening, weight_decay, nesterov };

/// PyTorch ignores the dampening where there is no momentum.
HeavyBall linear(const HyperparameterValues& v) { return {v[momentum], v[momentum] == 0 ? 1 : 1 - v[dampening], 0}; }

}  // namespace

/// torch.optim.SGD: b = momentum b + (1 - dampening) g, the first b being g itself; x -= lr b, or lr (g +
/// momentum b).
OptimizerSpec sgd() {
  OptimizerSpec spec;
  spec.name = "sgd";
  spec.summary = "gradient descent with momentum, as torch.optim.SGD";
  spec.citation =
      "B. Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Y. Nesterov, A method of "
      "solving a convex programming problem with convergence rate O(1/k^2), 1983; edge: G. Goh, Why Momentum Really "
      "Works, Distill 2017";
  spec.hyperparameters = {
      fraction("momentum", 0, "momentum factor, the share of the previous update that is kept"),
      fraction("dampening", 0, "share of the gradient that is left out of the momentum"),
      at_least_zero("weight_decay", 0, "weight decay (L2 penalty), added to the gradient"),
      flag("nesterov", "Nesterov momentum, which looks ahead along the momentum"),
  };
  spec.check = [](const HyperparameterValues& v) -> std::string {
    if (v[nesterov] == 0 || (v[momentum] > 0 && v[dampening] == 0)) return "";
    return "nesterov = 1 needs momentum > 0 and dampening = 0";
  };
  spec.examples = {{{"momentum", 0.5}},
                   {{"momentum", 0.9}},
                   {{"momentum", 0.9}, {"nesterov", 1}},
                   {{"momentum", 0.9}, {"dampening", 0.3}},
                   {{"dampening", 0.3}},
                   {{"weight_decay", 0.5}},
                   {{"momentum", 0.9}, {"weight_decay", 0.5}},
                   {{"momentum", 0.9}, {"nesterov", 1}, {"weight_decay", 0.5}}};
  spec.assignments = {"d = g + weight_decay*x", "b = momentum*b + (1 - dampening*step(t - 1)*step(momentum))*d",
                      "x = x - lr*((1 - nesterov)*b + nesterov*(d + momentum*b))"};
  spec.state_symbols = {"b"};
  spec.in_words = [](const HyperparameterValues& v) {
    return "A step is the slope times the learning rate, turned around: downhill." + momentum_in_words(v[momentum]) +
           (v[nesterov] != 0 ? " In Nesterov's form the newest slope counts for more." : "") +
           (v[momentum] != 0 && v[dampening] != 0
                ? " After the first step, a share of " + format_factor(v[dampening]) + " of each slope is left out."
                : "") +
           decay_in_words(v[weight_decay]);
  };
  spec.state_vectors = 1;
  spec.state_names = [](const HyperparameterValues& v) {
    return std::vector<std::string>{v[momentum] != 0 ? "momentum_buffer" : ""};
  };
  spec.step = [](const HyperparameterValues& v, double lr, long step, std::span<const double> gradient,
                 std::span<double> x, std::span<double> b) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = gradient[i] + v[weight_decay] * x[i];
      if (v[momentum] == 0) {
        x[i] -= lr * g;
        continue;
      }
      b[i] = step == 1 ? g : v[momentum] * b[i] + (1 - v[dampening]) * g;
      x[i] -= lr * (v[nesterov] != 0 ? g + v[momentum] * b[i] : b[i]);
    }
  };
  // Nesterov's step looks ahead: x is where the gradient is taken, so h enters both terms of the recurrence.
  spec.recurrence = [](const HyperparameterValues& v, double lr, double lambda) -> Eigen::MatrixXd {
    if (v[nesterov] == 0) return rules::recurrence(linear(v), lr, lambda);
    return companion((1 + v[momentum]) * (1 - lr * lambda), v[momentum] * (1 - lr * lambda));
  };
  spec.closed_form_edge = [](const HyperparameterValues& v, double lambda) {
    if (v[nesterov] == 0) return edge(linear(v), lambda);
    return 2 * (1 + v[momentum]) / ((1 + 2 * v[momentum]) * lambda);
  };
  spec.edge_formula = [](const HyperparameterValues& v) -> std::string {
    const std::string lambda = v[weight_decay] != 0 ? "(lambda_max + weight_decay)" : "lambda_max";
    if (v[nesterov] != 0) return "2 (1 + momentum) / ((1 + 2 momentum) " + lambda + ")";
    if (v[momentum] == 0) return "2 / " + lambda;
    if (v[dampening] != 0) return "2 (1 + momentum) / ((1 - dampening) " + lambda + ")";
    return "2 (1 + momentum) / " + lambda;
  };
  spec.gradient_decay = [](const HyperparameterValues& v) { return v[weight_decay]; };
  spec.same_as = [](const HyperparameterValues& v) { return v[momentum] == 0 && v[weight_decay] == 0 ? "gd" : ""; };
  return spec;
}

}  // namespace etamax::rules
