#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/explanation.h"

/// What `etamax explain` answers about several optimizers, as plain values.
namespace etamax {

/// The lowest loss of an optimizer's runs at one step, and the learning rate of the run that it is of.
struct Standing {
  std::string optimizer;
  double lr = 0;
  long step = 0;
  double loss = 0;
};

/// The same question (function, start, learning rates) asked of several optimizers.
struct Comparison {
  std::vector<Explanation> explanations;  ///< one for each optimizer, in the order asked
  /// After the last step shown, the lowest loss first; of runs that neither diverge nor end before. Empty where no step
  /// is shown, and where not every optimizer has answered.
  std::vector<Standing> standings;
  std::optional<GridSample> grid;  ///< of two variables: around the paths of all
  Cost cost;                       ///< of all together
  bool partial = false;            ///< interrupted before everything was known
};

/// Indented. `explanations` holds for each optimizer the document that it has alone.
std::string to_json(const Comparison& comparison);

/// The steps shown of each run: the rows of the single explanations behind the optimizer's name.
std::string to_csv(const Comparison& comparison);

}  // namespace etamax
