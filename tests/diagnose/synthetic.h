#pragma once

#include <string>
#include <vector>

#include "training.h"

namespace etamax::testing {

/// A log that is known to show one cause. "Known" by construction (a fault was put in at a rate that trains),
/// or by counterfactual: the run with a tenth of the learning rate, all else equal, does not go wrong.
struct SyntheticLog {
  std::string truth;  ///< the name of a cause of the library
  std::string what;   ///< in short, for the list of mistakes
  std::string text;   ///< the log
  int interval = 1;   ///< steps between records
  bool epochs = false, excerpt = false;
};

/// The eight causes, in the order of the matrix.
const std::vector<std::string>& truths();

/// The log of a number: three of ten numbers have a learning rate that is too high and one of ten each other
/// cause; everything else is drawn with the number as seed: network, optimizer, batch size, schedule, logging
/// interval 1 to 100, smoothing, columns that are left out, format.
SyntheticLog synthetic_log(const Digits& digits, int number);

}  // namespace etamax::testing
