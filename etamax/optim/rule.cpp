#include "etamax/optim/rule.h"

#include "etamax/core/format.h"

namespace etamax::rules {

Hyperparameter fraction(std::string name, double default_value, std::string summary) {
  Hyperparameter h = at_least_zero(std::move(name), default_value, std::move(summary));
  h.high = 1;
  return h;
}

Hyperparameter at_least_zero(std::string name, double default_value, std::string summary) {
  Hyperparameter h;
  h.name = std::move(name);
  h.default_value = default_value;
  h.high_open = true;
  h.summary = std::move(summary);
  return h;
}

Hyperparameter flag(std::string name, std::string summary) {
  Hyperparameter h;
  h.name = std::move(name);
  h.high = 1;
  h.is_flag = true;
  h.summary = std::move(summary);
  return h;
}

Eigen::MatrixXd companion(double trace, double determinant) {
  Eigen::Matrix2d matrix;
  matrix << trace, -determinant, 1, 0;
  return matrix;
}

Eigen::MatrixXd recurrence(const HeavyBall& rule, double lr, double lambda) {
  const double decay = lr * rule.decay;
  return companion(1 + rule.momentum - decay - rule.share * (lr * lambda), rule.momentum * (1 - decay));
}

double edge(const HeavyBall& rule, double lambda) {
  return 2 * (1 + rule.momentum) / (rule.share * lambda + (1 + rule.momentum) * rule.decay);
}

std::string decayed_gradient(double weight_decay, std::vector<std::string>& lines) {
  if (weight_decay == 0) return "g";
  lines.push_back("d = g + " + format_number(weight_decay) + "*x");
  return "d";
}

}  // namespace etamax::rules
