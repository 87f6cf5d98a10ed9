// Two variables: contour lines, and the path of the iterates.
#include "etamax/draw/contour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax::explanation::pictures {
namespace {

ContourGrid grid_of(const GridSample& s) { return {s.x_from, s.x_to, s.y_from, s.y_to, s.columns, s.rows, s.value}; }

/// The line of the whole run, and how far it goes.
void add_path(Chart& chart, const FunctionRun& run, Chart::Line path) {
  if (path.points.size() < 2) return;
  const std::string steps = run.skipped_ahead ? "the first " + counted(run.path_steps, "step")
                            : run.path_steps < run.steps_followed
                                ? fmt::format("the first {} of {}", run.path_steps, counted(run.steps_followed, "step"))
                                : counted(run.path_steps, "step");
  chart.subtitle += (chart.subtitle.empty() ? "" : "; ") + steps;
  chart.lines.push_back(std::move(path));
}

std::vector<Chart> charts(const Explanation& e) {
  if (!e.grid || e.variables.size() != 2) return {};
  const ContourGrid grid = grid_of(*e.grid);
  Chart base;
  base.x = {e.variables[0], linear_scale(e.grid->x_from, e.grid->x_to), {}};
  base.y = {e.variables[1], linear_scale(e.grid->y_from, e.grid->y_to), {}};
  std::vector<double> levels = contour_levels(grid);
  std::reverse(levels.begin(), levels.end());
  for (const double level : levels)  // from the highest: each lies on the one before, and the valley is darkest
    base.regions.push_back({contour_rings(grid, level), {Color::blue, 0.075}, {Color::blue, 0.45}});
  if (e.stability.minimizer && e.stability.minimizer->size() == 2)
    base.points.push_back({{(*e.stability.minimizer)[0], (*e.stability.minimizer)[1]},
                           Shape::plus,
                           6,
                           {Color::ink, 1},
                           "min",
                           "the minimizer"});
  std::vector<Chart> panels;
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i) {
    const FunctionRun& run = e.runs[i];
    if (run.iterates.empty() || run.losses.size() < run.iterates.size()) continue;
    Chart chart = base;
    name_run(chart, run);
    std::vector<Point2> places;
    std::vector<double> xs, ys;
    Chart::Line path{{}, {appearance(run.verdict).color, 0.85}, 1.6, Dash::solid};
    for (const auto& x : run.iterates) places.push_back({x.at(0), x.at(1)});
    for (const auto& x : run.path) path.points.push_back({x.at(0), x.at(1)});
    for (const std::vector<Point2>* points : {&places, &path.points})
      for (const Point2 p : *points) xs.push_back(p.x), ys.push_back(p.y);
    if (e.stability.minimizer && e.stability.minimizer->size() == 2) {
      xs.push_back((*e.stability.minimizer)[0]);
      ys.push_back((*e.stability.minimizer)[1]);
    }
    chart.x.scale = panel_range(base.x.scale, xs, 2);
    chart.y.scale = panel_range(base.y.scale, ys, 2);
    if (chart.x.scale.low != base.x.scale.low || chart.y.scale.low != base.y.scale.low)
      chart.x.label += " (closer view)";
    add_path(chart, run, std::move(path));
    add_hops(chart, run, places);
    panels.push_back(std::move(chart));
  }
  return panels;
}

std::string caption(const Explanation& e) {
  const std::vector<double> levels = e.grid ? contour_levels(grid_of(*e.grid)) : std::vector<double>();
  std::string text =
      "Lines of equal loss, deeper color for lower loss. The thin line is the path of the run, and the numbered points are "
      "its first steps; older ones are paler.";
  if (levels.size() > 2) {
    const double lowest = *std::min_element(e.grid->value.begin(), e.grid->value.end(), [](double a, double b) {
      return a < b || (std::isnan(b) && !std::isnan(a));
    });
    if ((levels.back() - lowest) > 30 * (levels.front() - lowest))
      text += " The " + std::to_string(levels.size()) + " lines run from " + format_number(levels.front() - lowest, 2) +
              " to " + format_number(levels.back() - lowest, 2) +
              " above the lowest loss shown, at equal ratios or nearly.";
    else
      text += " The " + std::to_string(levels.size()) + " lines run from " + format_number(levels.front(), 3) + " to " +
              format_number(levels.back(), 3) + ", evenly spaced.";
  }
  return text + panels_left_out(e);
}

std::optional<Drawing> drawing(const Explanation& e, double width) {
  return draw_panels(charts(e), width, {.four = 280, .alone = 480, .usual = 360},
                     "The path over the contour lines of " + e.expression);
}

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) {
  return side_by_side(charts(e), 36, 18, style);
}

}  // namespace

PictureSpec<Explanation> contour() { return {"contour", "The path over the contour lines", 2, caption, drawing, text}; }

}  // namespace etamax::explanation::pictures
