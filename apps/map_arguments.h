#pragma once

#include <array>
#include <string>

#include "etamax/answers/map.h"

/// What the arguments of `map` are in letters.
namespace etamax::apps {

/// "lr=0.01:2:log". Throws InputError for the option `field`.
MapAxis axis_of(const std::string& field, const std::string& text);
/// "1920x1080", or two numbers with another separator between them. Throws InputError.
std::array<int, 2> pair_of(const std::string& field, const std::string& text, char separator, const char* example);

/// Gives the axes their pixels, of "1920x1080". Throws InputError where that is less than 2 or more than memory takes.
void set_size(const std::string& size, MapAxis& x, MapAxis& y);
/// The pixel of "480,270". Throws InputError where it is not in the map.
std::array<int, 2> pixel_of(const std::string& text, const MapAxis& x, const MapAxis& y);

}  // namespace etamax::apps
