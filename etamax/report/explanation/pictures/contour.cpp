// Two variables: contour lines, and the path of the iterates.
#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_contours.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax::explanation::pictures {
namespace {

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
  Chart base = contours(*e.grid, e.variables);
  add_minimizer(base, e.stability);
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
  return "Lines of equal loss, deeper color for lower loss. The thin line is the path of the run, and the numbered points are "
         "its first steps; older ones are paler." +
         (e.grid ? contour_levels_sentence(*e.grid) : "") + panels_left_out(e);
}

std::optional<Drawing> drawing(const Explanation& e, double width) {
  return draw_panels(charts(e), width, {.four = 280, .alone = 480, .usual = 360},
                     "The path over the contour lines of " + e.expression);
}

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) {
  return side_by_side(charts(e), 36, 18, style);
}

}  // namespace

PictureSpec<Explanation> contour() {
  PictureSpec<Explanation> spec{"contour", "The path over the contour lines", 2, caption, drawing, text};
  spec.variables = 2;
  return spec;
}

}  // namespace etamax::explanation::pictures
