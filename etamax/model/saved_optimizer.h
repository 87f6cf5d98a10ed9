#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/model/checkpoint.h"

namespace etamax {

/// The optimizer that wrote a checkpoint. PyTorch does not store its class: the keys of its parameter group tell it.
struct SavedOptimizer {
  /// By our names; two where the file does not tell Adam and AdamW apart (before PyTorch 2.7, with a weight decay);
  /// none where it is none of the table.
  std::vector<std::string> may_be;
  Settings settings = {};  ///< of those
  std::optional<double> lr = {};
};
/// None where the file has no parameter group. Throws InputError where it ran in a way that no rule here does.
std::optional<SavedOptimizer> saved_optimizer(const Checkpoint& checkpoint);

/// An optimizer with its hyperparameters, and where they are from.
struct ChosenOptimizer {
  std::string name;
  Settings settings;
  std::optional<double> lr = {};  ///< the checkpoint's
  std::string note = {};          ///< "" where nothing is the checkpoint's
};
/// The checkpoint's, but for what was named: `name` ("": none was) and `settings`. Where another optimizer is named
/// than wrote the file, nothing of the file; nor without a file (null). Throws InputError where the file leaves open
/// which it is.
ChosenOptimizer choose_optimizer(const Checkpoint* checkpoint, const std::string& name, const Settings& settings);

}  // namespace etamax
