#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/fields.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// The hyperparameters of all rules as options, by PyTorch's names.
struct HyperparameterOptions {
  HyperparameterOptions();
  std::map<std::string, std::optional<double>> values;  ///< of every hyperparameter that is a number
  std::map<std::string, bool> switches;                 ///< of the others

  Settings settings() const;  ///< those that were given; `hyperparameter_values` checks them
};

/// One optimizer and its hyperparameters.
struct OptimizerOptions : HyperparameterOptions {
  std::string optimizer;  ///< "": gd, or sgd where a momentum is given

  std::string name() const;  ///< the optimizer's, which may be unknown
};
Fields fields(OptimizerOptions& options);

/// One optimizer or several to compare, and the hyperparameters of all of them.
struct OptimizersOptions : HyperparameterOptions {
  std::vector<std::string> optimizers;  ///< none, or "": gd, or sgd where a momentum is given

  std::vector<std::string> names() const;  ///< at least one; each may be unknown
};
Fields fields(OptimizersOptions& options);

/// The optimizer where none is named: gd, or sgd where a momentum is given.
std::string usual_optimizer(const Settings& given);

}  // namespace etamax
