#include <cmath>

#include "etamax/core/format.h"
#include "etamax/optim/optimizer.h"

namespace etamax::rules {
namespace {

enum : std::size_t { momentum, dampening, weight_decay, nesterov };

}  // namespace

/// torch.optim.SGD: b = momentum b + (1 - dampening) g, the first b being g itself; x -= lr b, or lr (g + momentum b).
OptimizerSpec sgd() {
  OptimizerSpec spec;
  spec.name = "sgd";
  spec.summary = "gradient descent with momentum, as torch.optim.SGD";
  spec.citation = "B. Polyak 1964; Y. Nesterov 1983; G. Goh, Why Momentum Really Works, Distill 2017";
  spec.hyperparameters = {
      {"momentum", 0, 0, 1, false, true, false, "share of the previous step that is kept"},
      {"dampening", 0, 0, 1, false, true, false, "share of the gradient left out of the momentum"},
      {"weight_decay", 0, 0, 1e300, false, false, false, "L2 decay, added to the gradient"},
      {"nesterov", 0, 0, 1, false, false, true, "look ahead along the momentum"},
  };
  spec.update_text = [](const HyperparameterValues& v) {
    std::string g = "g";
    std::vector<std::string> lines;
    if (v[weight_decay] != 0) lines.push_back("d = g + " + format_number(v[weight_decay]) + "*x"), g = "d";
    if (v[momentum] == 0) {
      lines.push_back("x' = x - lr*" + g);
      return lines;
    }
    const std::string share = v[dampening] == 0 ? "" : format_number(1 - v[dampening]) + "*";
    lines.push_back("b' = " + format_number(v[momentum]) + "*b + " + share + g);
    lines.push_back(v[nesterov] != 0 ? "x' = x - lr*(" + g + " + " + format_number(v[momentum]) + "*b')" : "x' = x - lr*b'");
    return lines;
  };
  spec.state_vectors = 1;
  spec.step = [](const HyperparameterValues& v, double lr, long step, std::span<const double> gradient, std::span<double> x,
                 std::span<double> b) {
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
  spec.recurrence = [](const HyperparameterValues& v, double lr, double lambda) -> Eigen::MatrixXd {
    const double mu = v[momentum], share = mu == 0 ? 1 : 1 - v[dampening];
    Eigen::Matrix2d a;  // of (x, b)
    if (v[nesterov] != 0)
      a << 1 - lr * (lambda + mu * share * lambda), -lr * mu * mu, share * lambda, mu;
    else
      a << 1 - lr * share * lambda, -lr * mu, share * lambda, mu;
    return a;
  };
  spec.closed_form_edge = [](const HyperparameterValues& v, double lambda) {
    const double mu = v[momentum];
    if (v[nesterov] != 0) return 2 * (1 + mu) / ((1 + 2 * mu) * lambda);
    return 2 * (1 + mu) / ((mu == 0 ? 1 : 1 - v[dampening]) * lambda);
  };
  spec.edge_formula = [](const HyperparameterValues& v) {
    const std::string lambda = v[weight_decay] != 0 ? "(lambda_max + weight_decay)" : "lambda_max";
    if (v[nesterov] != 0) return "2 (1 + momentum) / ((1 + 2 momentum) " + lambda + ")";
    if (v[momentum] == 0) return "2 / " + lambda;
    if (v[dampening] != 0) return "2 (1 + momentum) / ((1 - dampening) " + lambda + ")";
    return "2 (1 + momentum) / " + lambda;
  };
  spec.gradient_decay = [](const HyperparameterValues& v) { return v[weight_decay]; };
  return spec;
}

}  // namespace etamax::rules
