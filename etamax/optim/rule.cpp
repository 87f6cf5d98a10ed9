#include "etamax/optim/rule.h"

#include "etamax/core/format.h"

namespace etamax::rules {

Hyperparameter fraction(std::string name, double default_value, std::string summary) {
  return {std::move(name), default_value, Range::fraction(), false, std::move(summary)};
}

Hyperparameter at_least_zero(std::string name, double default_value, std::string summary) {
  return {std::move(name), default_value, Range::at_least(0), false, std::move(summary)};
}

Hyperparameter flag(std::string name, std::string summary) {
  return {std::move(name), 0, Range::from_to(0, 1), true, std::move(summary)};
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

std::string decay_in_words(double weight_decay) {
  if (weight_decay == 0) return "";
  return " Weight decay adds " + format_number(weight_decay) + " times x to the slope, which pulls x toward zero.";
}

std::string momentum_in_words(double momentum) {
  if (momentum == 0) return "";
  return " On top of that comes " + format_number(momentum) +
         " times the step before: like a rolling ball, it keeps some of its speed.";
}

}  // namespace etamax::rules
