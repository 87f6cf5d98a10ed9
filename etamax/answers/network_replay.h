#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/core/cost.h"

namespace etamax {

/// One pixel of a map of trainings, step by step: what `etamax map network:... --pixel` answers.
struct NetworkReplay {
  std::string network;      ///< "network:tanh:16"
  double lr0 = 0, lr1 = 0;  ///< learning rates of the input weights and of the output weights
  long steps = 0;           ///< asked for
  /// Before each step and after the last one, not divided; fewer where the weights overflowed: then the last is not
  /// finite.
  std::vector<double> losses;
  Verdict verdict = Verdict::unclear;
  double measure = 0;  ///< as MapPixel::value
  std::string reason;  ///< a sentence
  Cost cost;
};

/// Indented. A loss that is not finite is null.
std::string to_json(const NetworkReplay& replay);

}  // namespace etamax
