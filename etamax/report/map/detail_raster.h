#pragma once

#include <string>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/draw/png.h"

namespace etamax {

/// One of `all` shades of a fate: the lighter, the sooner it was plain, and of cycles the shorter.
Rgb map_shade(Verdict fate, int shade, int all);
/// Of pixels that are not drawn.
inline constexpr Rgb kNotDrawn = {226, 228, 232};

/// The map, a pixel for each run, the lowest row at the bottom; each `every`-th pixel of each `every`-th row.
IndexedImage map_image(const FateMap& map, int every = 1);

/// What stands beside a map that is `across` wide, left and right together.
double map_margins(const FateMap& map, double across);

/// A place in the map where a word of a fate has room.
struct MapLabel {
  Verdict fate = Verdict::unclear;
  double x = 0, y = 0;  ///< its middle, as shares of the map's width and height, from the lower left corner
};
/// One for each fate that has a place for its word; `width` and `height` of the map, in the units of the text's `size`.
std::vector<MapLabel> map_labels(const FateMap& map, double width, double height, double size);

}  // namespace etamax
