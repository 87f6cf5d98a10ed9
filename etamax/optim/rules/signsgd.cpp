#include "etamax/optim/rule.h"

namespace etamax::rules {

/// x' = x - lr sign(g), with sign(0) = 0.
OptimizerSpec signsgd() {
  OptimizerSpec spec;
  spec.name = "signsgd";
  spec.summary = "steps of one length, in the direction of the gradient's signs";
  spec.citation = "J. Bernstein et al., signSGD: compressed optimisation for non-convex problems, ICML 2018";
  spec.assignments = {"x = x - lr*sign(g)"};
  spec.in_words = [](const HyperparameterValues&) {
    return std::string(
        "A step is as long as the learning rate, and goes downhill: how steep it is there makes no difference.");
  };
  spec.step = [](const HyperparameterValues&, double lr, long, std::span<const double> g, std::span<double> x,
                 std::span<double>) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= lr * static_cast<double>((g[i] > 0) - (g[i] < 0));
  };
  spec.no_recurrence_reason =
      "the length of a step does not depend on the gradient, so there is no edge: it never diverges, and never settles";
  return spec;
}

}  // namespace etamax::rules
