#include <cmath>

#include "etamax/core/format.h"
#include "etamax/optim/rule.h"

namespace etamax::rules {
namespace {

enum : std::size_t { lr_decay, weight_decay, initial_accumulator_value, eps };

double schedule(const HyperparameterValues& v, long step) {
  return 1 / (1 + static_cast<double>(step - 1) * v[lr_decay]);
}

}  // namespace

/// torch.optim.Adagrad: s sums g^2; x -= lr_t g / (sqrt(s) + eps), lr_t = lr / (1 + (t - 1) lr_decay). State:
/// s.
OptimizerSpec adagrad() {
  OptimizerSpec spec;
  spec.name = "adagrad";
  spec.summary = "the gradient, divided by the root of the sum of all squares so far, as torch.optim.Adagrad";
  spec.citation =
      "J. Duchi, E. Hazan and Y. Singer, Adaptive subgradient methods for online learning and stochastic optimization, "
      "JMLR 12, 2011; edge: J. Cohen et al., arXiv 2207.14484";
  spec.hyperparameters = {
      at_least_zero("lr_decay", 0, "learning-rate decay, to lr/(1 + (t-1)*lr_decay) at step t"),
      at_least_zero("weight_decay", 0, "weight decay (L2 penalty), added to the gradient"),
      at_least_zero("initial_accumulator_value", 0, "initial value of the sum of squares"),
      at_least_zero("eps", 1e-10, "added to the denominator, for numerical stability"),
  };
  spec.examples = {{{"initial_accumulator_value", 0.1}},
                   {{"lr_decay", 0.01}, {"eps", 0.1}},
                   {{"weight_decay", 0.5}},
                   {{"lr_decay", 0.5}, {"weight_decay", 0.1}, {"initial_accumulator_value", 1}}};
  spec.assignments = {"d = g + weight_decay*x", "s = s + initial_accumulator_value*(1 - step(t - 1)) + d^2",
                      "x = x - lr/(1 + (t - 1)*lr_decay)*d/(sqrt(s) + eps)"};
  spec.state_symbols = {"s"};
  spec.in_words = [](const HyperparameterValues& v) {
    return "The slope is divided by the size of all slopes so far taken together, which only grows, and then taken times the "
           "learning rate, downhill. So the steps become shorter as the run goes on." +
           decay_in_words(v[weight_decay]);
  };
  spec.state_vectors = 1;
  spec.state_names = [](const HyperparameterValues&) { return std::vector<std::string>{"sum"}; };
  spec.step = [](const HyperparameterValues& v, double lr, long step, std::span<const double> gradient,
                 std::span<double> x, std::span<double> s) {
    const double rate = lr * schedule(v, step);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = gradient[i] + v[weight_decay] * x[i];
      s[i] = (step == 1 ? v[initial_accumulator_value] : s[i]) + g * g;
      x[i] -= rate * g / (std::sqrt(s[i]) + v[eps]);
    }
  };
  spec.recurrence = [](const HyperparameterValues&, double lr, double lambda) {
    return rules::recurrence(HeavyBall{}, lr, lambda);
  };
  spec.closed_form_edge = [](const HyperparameterValues&, double lambda) { return edge(HeavyBall{}, lambda); };
  spec.edge_formula = [](const HyperparameterValues& v) -> std::string {
    return std::string(v[lr_decay] != 0 ? "2 (1 + (t - 1) lr_decay)" : "2") + " / lambda_max(P^-1 " +
           (v[weight_decay] != 0 ? "(H + weight_decay I)" : "H") + ")";
  };
  spec.gradient_decay = [](const HyperparameterValues& v) { return v[weight_decay]; };
  spec.lr_scale = schedule;
  spec.preconditioner = [](const HyperparameterValues& v, long, std::span<const double> s, std::span<double> diagonal) {
    for (std::size_t i = 0; i < diagonal.size(); ++i) diagonal[i] = std::sqrt(s[i]) + v[eps];
  };
  return spec;
}

}  // namespace etamax::rules
