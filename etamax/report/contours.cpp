#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/contour.h"
#include "etamax/report/detail_contours.h"

namespace etamax {
namespace {

ContourGrid grid_of(const GridSample& s) { return {s.x_from, s.x_to, s.y_from, s.y_to, s.columns, s.rows, s.value}; }

}  // namespace

Chart contours(const GridSample& sample, const std::vector<std::string>& variables) {
  const ContourGrid grid = grid_of(sample);
  Chart chart;
  chart.x = {variables.at(0), linear_scale(sample.x_from, sample.x_to), {}};
  chart.y = {variables.at(1), linear_scale(sample.y_from, sample.y_to), {}};
  std::vector<double> levels = contour_levels(grid);
  std::reverse(levels.begin(), levels.end());
  for (const double level : levels)  // from the highest: each lies on the one before, and the valley is darkest
    chart.regions.push_back({contour_rings(grid, level), {Color::blue, 0.075}, {Color::blue, 0.45}});
  return chart;
}

void add_minimizer(Chart& chart, const Stability& stability) {
  if (stability.minimizer && stability.minimizer->size() == 2)
    chart.points.push_back({{(*stability.minimizer)[0], (*stability.minimizer)[1]},
                            Shape::plus,
                            6,
                            {Color::ink, 1},
                            "min",
                            "the minimizer"});
}

std::string contour_levels_sentence(const GridSample& grid) {
  const std::vector<double> levels = contour_levels(grid_of(grid));
  if (levels.size() <= 2) return "";
  const double lowest = *std::min_element(grid.value.begin(), grid.value.end(), [](double a, double b) {
    return a < b || (std::isnan(b) && !std::isnan(a));
  });
  const std::string lines = " The " + std::to_string(levels.size()) + " lines run from ";
  if ((levels.back() - lowest) > 30 * (levels.front() - lowest))
    return lines + format_number(levels.front() - lowest, 2) + " to " + format_number(levels.back() - lowest, 2) +
           " above the lowest loss shown, at equal ratios or nearly.";
  return lines + format_number(levels.front(), 3) + " to " + format_number(levels.back(), 3) + ", evenly spaced.";
}

}  // namespace etamax
