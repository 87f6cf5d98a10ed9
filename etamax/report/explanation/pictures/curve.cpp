// One variable: the curve, and the iterates that hop on it.
#include <algorithm>
#include <cmath>

#include "etamax/report/appearance.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax::explanation::pictures {
namespace {

constexpr std::size_t kMostLanes = 6;  // updates drawn below the curve

/// The lowest of the curve between two places, and the highest of that and of the points there: a steep
/// branch beside them is cut off rather than flatten everything.
std::optional<Scale> height_of(const CurveSample& curve, const Scale& x, const std::vector<Point2>& points) {
  double low = INFINITY, high = -INFINITY, highest = -INFINITY;
  for (std::size_t i = 0; i < curve.x.size(); ++i)
    if (curve.x[i] >= x.low && curve.x[i] <= x.high && std::isfinite(curve.y[i]))
      low = std::min(low, curve.y[i]), highest = std::max(highest, curve.y[i]);
  if (!(low <= highest)) return {};
  for (const Point2 p : points)
    if (p.x >= x.low && p.x <= x.high && std::isfinite(p.y)) high = std::max(high, p.y);
  return linear_scale(low, high > low ? std::min(highest, high + 0.2 * (high - low)) : highest);
}

std::vector<Chart> charts(const Explanation& e) {
  if (!e.curve || e.curve->x.size() < 2 || e.curve->x.size() != e.curve->y.size() || e.variables.size() != 1) return {};
  const Scale common = linear_scale(e.curve->x.front(), e.curve->x.back());
  Chart::Line curve{{}, {Color::ink, 0.85}, 2, Dash::solid};
  for (std::size_t i = 0; i < e.curve->x.size(); ++i) curve.points.push_back({e.curve->x[i], e.curve->y[i]});

  std::vector<std::vector<Point2>> paths;
  std::vector<Point2> all;
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i) {
    const FunctionRun& run = e.runs[i];
    paths.emplace_back();
    for (std::size_t k = 0; k < std::min(run.iterates.size(), run.losses.size()); ++k)
      paths.back().push_back({run.iterates[k].at(0), run.losses[k]});
    all.insert(all.end(), paths.back().begin(), paths.back().end());
  }
  std::vector<Chart> panels;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::vector<Point2>& places = paths[i];
    if (places.empty()) continue;
    std::vector<double> own;
    for (const Point2 p : places) own.push_back(p.x);
    if (e.stability.minimizer && e.stability.minimizer->size() == 1) own.push_back(e.stability.minimizer->front());
    Chart chart;
    chart.x = {e.variables[0], panel_range(common, own, 10), {}};
    const bool closer = chart.x.scale.low != common.low || chart.x.scale.high != common.high;
    const auto height = height_of(*e.curve, chart.x.scale, closer ? places : all);
    if (!height) continue;
    const double span = height->high / 2 - height->low / 2;  // half of it, which cannot overflow
    chart.y = {"loss f(" + e.variables[0] + ")", linear_scale(height->low - 0.44 * span, height->high),
               height->low - 0.03 * span};
    chart.lines.push_back(curve);
    name_run(chart, e.runs[i]);
    if (closer && paths.size() > 1) chart.x.label += " (closer view)";
    add_hops(chart, e.runs[i], places);
    const std::size_t lanes = std::min(places.size() - 1, kMostLanes);
    for (std::size_t k = 0; k < lanes; ++k) {
      const double down = 0.09 + 0.3 * static_cast<double>(k) / static_cast<double>(std::max<std::size_t>(lanes, 4));
      const double y = height->low - span * down;
      chart.arrows.push_back({{places[k].x, y}, {places[k + 1].x, y}, {appearance(e.runs[i].verdict).color, 0.9}, 1.3});
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

std::optional<Drawing> drawing(const Explanation& e, double width) {
  return draw_panels(charts(e), width, {.four = 260, .alone = 380, .usual = 310},
                     "The iterates on the curve of " + e.expression);
}

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) {
  return side_by_side(charts(e), 24, 15, style);
}

}  // namespace

PictureSpec<Explanation> curve() {
  PictureSpec<Explanation> spec{"curve", "The iterates on the curve", 2, caption, drawing, text};
  spec.variables = 1;
  return spec;
}

}  // namespace etamax::explanation::pictures
