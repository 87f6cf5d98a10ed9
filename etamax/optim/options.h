#pragma once

#include <map>
#include <optional>
#include <string>

#include "etamax/core/fields.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// The optimizer and the hyperparameters of all rules as options, by PyTorch's names.
struct OptimizerOptions {
  OptimizerOptions();
  std::string optimizer;                                ///< "": gd, or sgd where a momentum is given
  std::map<std::string, std::optional<double>> values;  ///< of every hyperparameter that is a number
  std::map<std::string, bool> switches;                 ///< of the others

  std::string name() const;   ///< the optimizer's, which may be unknown
  Settings settings() const;  ///< those that were given; `hyperparameter_values` checks them
};

Fields fields(OptimizerOptions& options);

/// The optimizer where none is named: gd, or sgd where a momentum is given.
std::string usual_optimizer(const Settings& given);

}  // namespace etamax
