#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/fields.h"
#include "etamax/dynamics/follow.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

struct ExplainOptions {
  std::string expression;  ///< of the function, or a named objective
  NamedNumbers start;      ///< by variable; one without a name is that of all others, several are in their order
  std::vector<double> lr;  ///< positive and finite, at least one
  std::string optimizer = "gd";
  Settings settings = {};             ///< of the optimizer
  std::vector<double> observed = {};  ///< iterates that somebody has seen, after the start, coordinate by coordinate
  std::optional<double> observed_lr = {};  ///< the learning rate that those are said to be from
  FollowOptions follow = {};
};

/// The optimizer and its settings are not among them: see OptimizerOptions.
Fields fields(ExplainOptions& options);

}  // namespace etamax
