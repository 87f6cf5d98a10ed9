#include "etamax/optim/rule.h"

namespace etamax::rules {

/// x' = x - lr g.
OptimizerSpec gd() {
  OptimizerSpec spec;
  spec.name = "gd";
  spec.summary = "plain gradient descent";
  spec.citation =
      "A. Cauchy, Methode generale pour la resolution des systemes d'equations simultanees, Comptes rendus 25, 1847";
  spec.plain = true;
  spec.assignments = {"x = x - lr*g"};
  spec.in_words = [](const HyperparameterValues&) {
    return std::string("A step is the slope times the learning rate, turned around: downhill.");
  };
  spec.step = [](const HyperparameterValues&, double lr, long, std::span<const double> g, std::span<double> x,
                 std::span<double>) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= lr * g[i];
  };
  spec.recurrence = [](const HyperparameterValues&, double lr, double lambda) -> Eigen::MatrixXd {
    return Eigen::MatrixXd::Constant(1, 1, 1 - lr * lambda);
  };
  spec.closed_form_edge = [](const HyperparameterValues&, double lambda) { return 2 / lambda; };
  spec.edge_formula = [](const HyperparameterValues&) { return std::string("2 / lambda_max"); };
  return spec;
}

}  // namespace etamax::rules
