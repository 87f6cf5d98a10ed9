#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/core/progress.h"
#include "etamax/core/results.h"
#include "etamax/dynamics/follow.h"

namespace etamax {

struct ExplainOptions {
  std::string objective;                              ///< an expression or a named objective
  std::vector<std::pair<std::string, double>> start;  ///< one value per variable; an empty name where there is just one
  std::vector<double> learning_rates;                 ///< positive and finite
  std::string optimizer = "gd";
  std::vector<std::pair<std::string, double>> settings = {};  ///< of the optimizer
  std::vector<double> observed = {};  ///< iterates that somebody has seen, after the start, coordinate by coordinate
  std::optional<double> observed_lr = {};  ///< the learning rate that those are said to be from
  FollowOptions follow = {};
};

/// Why these learning rates converge or diverge on this function. Throws InputError. Where `follow.progress`
/// asks to stop, the answer is what is known by then, marked partial.
Explanation explain(const ExplainOptions& options);

}  // namespace etamax
