#pragma once

#include <string>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/draw/chart.h"

namespace etamax {

/// The lines of equal loss of two variables, for paths to be drawn over.
Chart contours(const GridSample& grid, const std::vector<std::string>& variables);
/// Marks where small learning rates lead, where that is a minimum.
void add_minimizer(Chart& chart, const Stability& stability);
/// Between which losses the lines lie: a sentence behind a space, or nothing where there are too few.
std::string contour_levels_sentence(const GridSample& grid);

}  // namespace etamax
