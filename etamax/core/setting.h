#pragma once

#include <string>

namespace etamax {

/// One of an optimizer's hyperparameters with its value.
struct Setting {
  std::string name;
  double value = 0;
  bool is_flag = false;
};

}  // namespace etamax
