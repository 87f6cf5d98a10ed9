#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A map of runs for people: text, a picture, a page.
namespace etamax {

/// The answer, a small map, the table of areas, the cost.
std::string to_text(const FateMap& map, const TerminalStyle& style);
/// One HTML file that needs nothing else. `lab` as of an explanation; it is left out of maps that it does not draw.
std::string to_html(const FateMap& map, std::string_view lab = {});
/// The map with its axes and key: what `--output x.svg` and `x.png` show. Without a width, as wide as shows each run of
/// the map as one pixel, or as a square of them, where there are two pixels to a unit.
Drawing poster(const FateMap& map, double width = 0);

/// The table of map/pictures/, in the order of the file names.
const std::vector<PictureSpec<FateMap>>& map_pictures();
inline const std::vector<PictureSpec<FateMap>>& pictures_of(const FateMap&) { return map_pictures(); }

}  // namespace etamax
