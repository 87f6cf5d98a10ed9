#pragma once

#include <string>

#include "etamax/answers/watching.h"

/// What the text and the page of a watched training both say.
namespace etamax {

/// "Sequential (1,234 parameters) with sgd (momentum = 0.9): 400 of 400 planned steps."
std::string setting_sentence(const Watching& watching);
/// "Watching took 19.7 gradients, 4.9% of the training's 400 (allowed: 5%), and 3.1% of its time."
std::string cost_sentence(const Watching& watching);

}  // namespace etamax
