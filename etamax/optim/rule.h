#pragma once

#include <string>
#include <vector>

#include "etamax/optim/optimizer.h"

/// What the files of rules/ share.
namespace etamax::rules {

/// A hyperparameter in [0, 1).
Hyperparameter fraction(std::string name, double default_value, std::string summary);
/// A hyperparameter that is finite and at least 0.
Hyperparameter at_least_zero(std::string name, double default_value, std::string summary);
/// A hyperparameter that is off unless it is given.
Hyperparameter flag(std::string name, std::string summary);

/// The linear step that most rules come to, once their preconditioner is held fixed:
///
///     b' = momentum b + share g,   x' = (1 - lr decay) x - lr b'
///
/// Plain descent has momentum 0; Adam has momentum beta1 and share 1 - beta1; AdamW has decay besides.
struct HeavyBall {
  double momentum = 0;  ///< in [0, 1)
  double share = 1;     ///< positive
  double decay = 0;     ///< decoupled weight decay, at least 0
};

/// [[trace, -determinant], [1, 0]]: the recurrence x_{t+1} = trace x_t - determinant x_{t-1}.
Eigen::MatrixXd companion(double trace, double determinant);

/// With g = lambda x, eliminating b (from x_t = (1 - lr decay) x_{t-1} - lr b_t) leaves, with h = lr lambda,
///
///     x_{t+1} = (1 + momentum - lr decay - share h) x_t - momentum (1 - lr decay) x_{t-1}.
Eigen::MatrixXd recurrence(const HeavyBall& rule, double lr, double lambda);

/// 2 (1 + momentum) / (share lambda + (1 + momentum) decay): where an eigenvalue reaches -1, that is
/// 1 + trace + determinant = 0. The two other Schur-Cohn conditions hold up to there: 1 - trace + determinant
/// = share h + (1 - momentum) lr decay > 0, and |determinant| <= momentum < 1 since lr decay <= 2.
double edge(const HeavyBall& rule, double lambda);

/// What L2 decay does, for a learner: a sentence that begins with a space, or nothing without decay.
std::string decay_in_words(double weight_decay);
/// The same of momentum.
std::string momentum_in_words(double momentum);

}  // namespace etamax::rules
