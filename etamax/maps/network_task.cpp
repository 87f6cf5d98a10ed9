#include "etamax/maps/network_task.h"

#include <string>

#include "etamax/core/error.h"
#include "etamax/maps/threefry.h"

namespace etamax {

NetworkTask published_network_task(std::size_t width) {
  if (width < kNarrowestNetwork || width > kWidestNetwork)
    throw InputError("width", std::to_string(width),
                     "must be from " + std::to_string(kNarrowestNetwork) + " to " + std::to_string(kWidestNetwork));
  const auto [after_weights, weights] = ThreefryKey(0).split();
  const auto [first, second] = weights.split();
  const auto [after_inputs, inputs] = after_weights.split();
  const ThreefryKey targets = after_inputs.split().second;

  const std::size_t examples = width * width + width;
  return {.width = width,
          .input_weights = first.normal(width * width),
          .output_weights = second.normal(width),
          .inputs = inputs.normal(examples * width),
          .targets = targets.normal(examples)};
}

}  // namespace etamax
