#pragma once

#include <vector>

#include "etamax/core/results.h"
#include "etamax/report/drawing.h"

namespace etamax {

/// The boundary of {value < level} on the grid, by marching squares with linear interpolation: closed rings,
/// which run along the border of the grid where the region reaches it. Values that are not numbers count as
/// above every level.
std::vector<std::vector<Point2>> contour_rings(const GridSample& grid, double level);

/// About ten levels that show the shape: evenly spaced where the values are of one magnitude; else at 1 and 3
/// times powers of ten (or powers alone) above the lowest value. Ascending, within the range of the values;
/// empty for a constant.
std::vector<double> contour_levels(const GridSample& grid);

}  // namespace etamax
