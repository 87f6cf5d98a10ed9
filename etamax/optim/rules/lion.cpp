#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { beta1, beta2, weight_decay };

}  // namespace

/// The paper's Algorithm 2: x -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay x), then
/// m = beta2 m + (1 - beta2) g. State: m. Sign steps have the length lr whatever the curvature, so |x| stays
/// bounded as long as the decay alone does: lr weight_decay <= 2.
OptimizerSpec lion() {
  OptimizerSpec spec;
  spec.name = "lion";
  spec.summary = "steps of one length, in the direction of the momentum's signs";
  spec.citation = "X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, arXiv 2302.06675";
  spec.hyperparameters = {
      fraction("beta1", 0.9, "weight of the momentum in the direction of the step"),
      fraction("beta2", 0.99, "decay rate of the momentum"),
      at_least_zero("weight_decay", 0, "decoupled weight decay, which shrinks x by the factor 1 - lr*weight_decay"),
  };
  spec.examples = {{{"weight_decay", 0.1}}, {{"beta1", 0.5}, {"beta2", 0.8}}, {{"beta1", 0}, {"weight_decay", 1}}};
  spec.assignments = {"c = beta1*m + (1 - beta1)*g", "x = x - lr*(sign(c) + weight_decay*x)",
                      "m = beta2*m + (1 - beta2)*g"};
  spec.state_symbols = {"m"};
  spec.in_words = [](const HyperparameterValues& v) {
    return "A step is as long as the learning rate, and goes down the average of the recent slopes: how steep it is makes no "
           "difference." +
           (v[weight_decay] == 0 ? std::string()
                                 : " Besides, each step takes away " + format_number(v[weight_decay]) +
                                       " times the learning rate of x itself, which pulls x toward zero.");
  };
  spec.state_vectors = 1;
  spec.state_names = [](const HyperparameterValues&) { return std::vector<std::string>{"exp_avg"}; };
  spec.step = [](const HyperparameterValues& v, double lr, long, std::span<const double> g, std::span<double> x,
                 std::span<double> m) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double c = v[beta1] * m[i] + (1 - v[beta1]) * g[i];
      x[i] -= lr * (static_cast<double>((c > 0) - (c < 0)) + v[weight_decay] * x[i]);
      m[i] = v[beta2] * m[i] + (1 - v[beta2]) * g[i];
    }
  };
  spec.no_recurrence_reason =
      "the length of a step does not depend on the gradient, so the curvature sets no edge: it never settles, and "
      "diverges only where lr * weight_decay is 2 or more";
  return spec;
}

}  // namespace etamax::rules
