#pragma once

#include <array>
#include <string>
#include <vector>

#include "etamax/answers/following.h"

/// What the text and the page of followed trainings both say.
namespace etamax {

/// "mlp (85,002 parameters) on digits, ...".
std::string setting_sentence(const Following& following);

/// The certified looks: the rate, the step, the loss, the bounds of the sharpness, rate over edge, the Gauss-Newton
/// part, the batch sharpness, the layer.
using LookRow = std::array<std::string, 8>;
/// The names of the columns, then the looks; empty where none was certified.
std::vector<LookRow> look_rows(const Following& following);

/// How much the looks took, in gradients and in seconds.
std::string looking_sentence(const Following& following);

}  // namespace etamax
