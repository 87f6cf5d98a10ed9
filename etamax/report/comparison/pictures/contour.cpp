// Two variables: the paths of all optimizers over the same contour lines, a panel for each learning rate.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/comparison.h"
#include "etamax/report/comparison/detail_words.h"
#include "etamax/report/detail_contours.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax::comparison::pictures {
namespace {

constexpr std::size_t kMostPoints = 13;  // of a path that get a marker
constexpr double kApart = 0.025;         // of the picture: a marker nearer to the one before is left out

/// Lines that lie on each other are all seen: the later ones are thinner.
double line_width(std::size_t optimizer) { return 3 - 0.6 * static_cast<double>(optimizer % 3); }

/// The whole path of an optimizer's run and its first steps; its places are added to `xs` and `ys`.
void add_run(Chart& chart, const Explanation& e, const FunctionRun& run, std::size_t optimizer, std::vector<double>& xs,
             std::vector<double>& ys) {
  const Appearance sign = appearance(run.verdict);
  const LineLook look = look_of(optimizer);
  const std::size_t steps = std::min({run.iterates.size(), run.losses.size(), kMostPoints});
  std::optional<Point2> before;
  for (std::size_t k = 0; k < steps; ++k) {
    const Point2 at{run.iterates[k].at(0), run.iterates[k].at(1)};
    xs.push_back(at.x), ys.push_back(at.y);
    const Point2 place{chart.x.scale.position(at.x), chart.y.scale.position(at.y)};
    if (before && std::hypot(place.x - before->x, place.y - before->y) < kApart) continue;
    before = place;
    chart.points.push_back({at,
                            sign.shape,
                            3.8,
                            {look.color, 1},
                            "",
                            fmt::format("{}, step {}: loss {}", e.optimizer, k, format_number(run.losses[k]))});
  }
  Chart::Line line{{}, {look.color, 0.95}, line_width(optimizer), look.dash};
  for (const auto& x : run.path.size() > 1 ? run.path : run.iterates) {
    line.points.push_back({x.at(0), x.at(1)});
    xs.push_back(x.at(0)), ys.push_back(x.at(1));
  }
  chart.ends.push_back({chart.lines.size(), sign.shape, look.color, e.optimizer, true});
  chart.lines.push_back(std::move(line));
}

std::vector<Chart> charts(const Comparison& c) {
  if (!c.grid || c.explanations.empty() || c.explanations.front().variables.size() != 2) return {};
  const std::vector<Explanation>& all = c.explanations;
  Chart base = contours(*c.grid, all.front().variables);
  std::vector<double> minimum_xs, minimum_ys;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& minimizer = all[i].stability.minimizer;
    if (!minimizer || minimizer->size() != 2) continue;
    minimum_xs.push_back((*minimizer)[0]), minimum_ys.push_back((*minimizer)[1]);
    const bool is_new = std::none_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const Explanation& e) { return e.stability.minimizer == minimizer; });
    if (is_new) add_minimizer(base, all[i].stability);
  }
  std::vector<Chart> panels;
  for (std::size_t rate = 0; rate < rates_shown(c, kMostPanels); ++rate) {
    Chart chart = base;
    std::vector<double> xs = minimum_xs, ys = minimum_ys;
    chart.title = "lr " + format_rate(all.front().runs[rate].lr);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (rate < all[i].runs.size()) add_run(chart, all[i], all[i].runs[rate], i, xs, ys);
    chart.x.scale = panel_range(base.x.scale, xs, 2);
    chart.y.scale = panel_range(base.y.scale, ys, 2);
    if (chart.x.scale.low != base.x.scale.low || chart.y.scale.low != base.y.scale.low)
      chart.x.label += " (closer view)";
    panels.push_back(std::move(chart));
  }
  return panels;
}

std::string caption(const Comparison& c) {
  return "The path of each optimizer from the same start, over lines of equal loss, deeper color for lower loss. The points are "
         "the first steps." +
         (c.grid ? contour_levels_sentence(*c.grid) : "") + rates_left_out(c, rates_shown(c, kMostPanels));
}

std::optional<Drawing> drawing(const Comparison& c, double width) {
  return draw_panels(charts(c), width, {.four = 300, .alone = 520, .usual = 380},
                     "The paths of the optimizers over the contour lines of " + name_of(c));
}

std::vector<std::string> text(const Comparison& c, const TerminalStyle& style) {
  return side_by_side(charts(c), 50, 20, style);
}

}  // namespace

PictureSpec<Comparison> contour() {
  PictureSpec<Comparison> spec{"contour", "The paths over the contour lines", 2, caption, drawing, text};
  spec.variables = 2;
  return spec;
}

}  // namespace etamax::comparison::pictures
