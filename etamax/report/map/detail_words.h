#pragma once

#include <string>
#include <vector>

#include "etamax/answers/map.h"

/// What the text, the picture and the page of a map all say.
namespace etamax {

/// "x^4 - 3x^2 + x: learning rate 0.01 to 2 (logarithmic) across, start -2 to 2 upwards; gd, 10000 steps at most."
std::string setting_sentence(const FateMap& map);
/// "learning rate", "start x", "momentum".
std::string axis_label(const MapAxis& axis, const FateMap& map);
/// What a fate means, in a few words: "the run tends to a point".
std::string fate_meaning(Verdict fate, const FateMap& map);
/// How to read the shades.
std::string shades_sentence(const FateMap& map);

}  // namespace etamax
