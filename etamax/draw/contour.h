#pragma once

#include <vector>

#include "etamax/draw/drawing.h"

namespace etamax {

/// A function of two variables on a grid of at least 2 by 2 points: value[row * columns + column], row 0 at y_from.
struct ContourGrid {
  double x_from = 0, x_to = 0, y_from = 0, y_to = 0;
  int columns = 0, rows = 0;
  std::vector<double> value;
};

/// The boundary of {value < level} on the grid, by marching squares with linear interpolation: closed rings,
/// which run along the border of the grid where the region reaches it. Values that are not numbers count as
/// above every level.
std::vector<std::vector<Point2>> contour_rings(const ContourGrid& grid, double level);

/// About ten levels that show the shape: evenly spaced where the values are of one magnitude; else at 1 and 3
/// times powers of ten (or powers alone) above the lowest value. Ascending, within the range of the values;
/// empty for a constant.
std::vector<double> contour_levels(const ContourGrid& grid);

}  // namespace etamax
