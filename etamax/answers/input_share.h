#pragma once

#include <string>
#include <vector>

namespace etamax {

/// A column of the inputs that makes up much of their size.
struct InputShare {
  std::string name;
  double share = 0;  ///< of the mean squared length of the inputs
};

double total_share(const std::vector<InputShare>& inputs);

/// "2 of the input columns (a, b) make up 98.4% of the inputs' mean square."
std::string unlike_scales(const std::vector<InputShare>& inputs);

}  // namespace etamax
