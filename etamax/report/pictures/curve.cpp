// One variable: the curve, and the iterates that hop on it.
#include <algorithm>
#include <cmath>

#include "etamax/report/pictures.h"

namespace etamax::pictures {
namespace {

constexpr std::size_t kMostLanes = 6;  // updates drawn below the curve

std::vector<Chart> charts(const Explanation& e) {
  if (!e.curve || e.curve->x.size() < 2 || e.curve->x.size() != e.curve->y.size() || e.variables.size() != 1)
    return {};
  const double left = e.curve->x.front(), right = e.curve->x.back();
  double low = INFINITY, high = -INFINITY, highest = -INFINITY;
  for (const double y : e.curve->y)
    if (std::isfinite(y)) low = std::min(low, y), highest = std::max(highest, y);
  if (!(low <= highest)) return {};
  for (const Run& run : e.runs)
    for (std::size_t k = 0; k < std::min(run.iterates.size(), run.losses.size()); ++k)
      if (run.iterates[k][0] >= left && run.iterates[k][0] <= right && std::isfinite(run.losses[k]))
        high = std::max(high, run.losses[k]);
  // As high as the points, so that a steep branch beside them does not flatten everything.
  high = high > low ? std::min(highest, high + 0.2 * (high - low)) : highest;
  const Scale whole = linear_scale(low, high);
  const double span = whole.high / 2 - whole.low / 2;  // half of it, which cannot overflow

  Chart base;
  base.x = {e.variables[0], linear_scale(left, right), {}};
  base.y = {"loss f(" + e.variables[0] + ")", linear_scale(whole.low - 0.44 * span, whole.high),
            whole.low - 0.03 * span};
  Chart::Line curve{{}, {Color::ink, 0.85}, 2, Dash::solid};
  for (std::size_t i = 0; i < e.curve->x.size(); ++i) curve.points.push_back({e.curve->x[i], e.curve->y[i]});
  base.lines.push_back(std::move(curve));

  std::vector<Chart> panels;
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i) {
    const Run& run = e.runs[i];
    Chart chart = base;
    name_run(chart, run);
    std::vector<Point2> places;
    for (std::size_t k = 0; k < std::min(run.iterates.size(), run.losses.size()); ++k)
      places.push_back({run.iterates[k][0], run.losses[k]});
    if (places.empty()) continue;
    add_hops(chart, run, places);
    const std::size_t lanes = std::min(places.size() - 1, kMostLanes);
    for (std::size_t k = 0; k < lanes; ++k) {
      const double y = whole.low - span * (0.09 + 0.3 * static_cast<double>(k) /
                                                      static_cast<double>(std::max<std::size_t>(lanes, 4)));
      chart.arrows.push_back({{places[k].x, y}, {places[k + 1].x, y}, {look(run.verdict).color, 0.9}, 1.3});
    }
    panels.push_back(std::move(chart));
  }
  return panels;
}

std::string caption(const Explanation& e) {
  return "Each point is an iterate, numbered by its step; older ones are paler. The arrows below the curve "
         "are the updates: how "
         "far each step moves " +
         e.variables[0] + "." + panels_left_out(e);
}

std::optional<Drawing> draw_panels(const Explanation& e, double width) {
  const std::vector<Chart> panels = charts(e);
  if (panels.empty()) return {};
  const std::size_t across = panels_across(panels.size(), width);
  Drawing drawing = side_by_side(panels, across, width,
                                 across == 4                  ? 260
                                 : across == 1 && width > 600 ? 380
                                                              : 310);
  drawing.title = "The iterates on the curve of " + e.expression;
  for (const Chart& panel : panels) drawing.description += panel.title + ". ";
  return drawing;
}

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) {
  return side_by_side(charts(e), 24, 15, style);
}

}  // namespace

PictureSpec curve() { return {"curve", "The iterates on the curve", 2, caption, draw_panels, text}; }

}  // namespace etamax::pictures
