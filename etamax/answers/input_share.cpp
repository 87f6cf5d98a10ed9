#include "etamax/answers/input_share.h"

#include "etamax/core/format.h"

namespace etamax {

double total_share(const std::vector<InputShare>& inputs) {
  double share = 0;
  for (const InputShare& input : inputs) share += input.share;
  return share;
}

std::string unlike_scales(const std::vector<InputShare>& inputs) {
  std::vector<std::string> names;
  for (const InputShare& input : inputs) names.push_back(input.name);
  return std::to_string(inputs.size()) + " of the input columns (" + list_of(names, 3) + ") " +
         (inputs.size() == 1 ? "makes up " : "make up ") + format_number(100 * total_share(inputs), 3) +
         "% of the inputs' mean square.";
}

}  // namespace etamax
