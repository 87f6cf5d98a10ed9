#pragma once

#include <vector>

#include "etamax/answers/map.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/scale.h"

/// The axes of pictures whose pixels are runs.
namespace etamax {

inline constexpr double kAxisText = 12;

/// Where pixel centers are: positions in a picture for the values of an axis that lies from `begin` to `end`.
double place_of(const MapAxis& axis, double value, double begin, double end);
/// Ticks within the axis, on so many units.
std::vector<Tick> map_ticks(const MapAxis& axis, double length, bool horizontal);
/// Below a box, with its label.
void draw_axis_below(Drawing& drawing, const MapAxis& axis, const Box& box, const std::string& label);
/// So many half units to each column that a picture of `columns` has some 720 units or more.
double natural_across(int columns);

}  // namespace etamax
