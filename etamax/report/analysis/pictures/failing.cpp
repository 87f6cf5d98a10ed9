// The loss, and below it the edge, along the run that fails below the edge.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/analysis.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis&) {
  return "Why it fails though it begins below the edge: above the loss, below it the stability edge at the weights that the run has by then. "
         "The edge is at most as high as drawn; a bar is its certified interval. Dotted: the first step found with the edge below the rate.";
}

std::string number(double x) { return format_number(x, 3); }

/// Of what is drawn of one chart; without a logarithm where something is not positive.
struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double x) {
    if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
  }
  Scale scale() const {
    if (!(low > 0)) return linear_scale(low, high);
    return log_scale_around(low, high);
  }
};

/// From the start to thrice as far as was looked: far enough to see what the loss does after the edge has fallen below
/// the rate.
double last_step(const FailingRun& failing, const RunRecord& run) {
  constexpr double kLeast = 12;
  return std::min(std::max(kLeast, 3.0 * static_cast<double>(failing.looks.back().step)),
                  static_cast<double>(run.steps));
}

Chart loss_chart(const RunRecord& run, double to) {
  Chart chart;
  Range range;
  Chart::Line line;
  line.paint = {Color::blue};
  for (std::size_t i = 0; i < run.losses.size(); ++i) {
    const double step = static_cast<double>(i) * static_cast<double>(run.stride);
    if (step > to) break;
    line.points.push_back({step, run.losses[i]});
    range.add(run.losses[i]);
  }
  chart.lines.push_back(std::move(line));
  chart.x = {"", linear_scale(0, to), {}};
  chart.y = {"loss", range.scale(), {}};
  return chart;
}

Chart edge_chart(const FailingRun& failing, double to) {
  Chart chart;
  Range range;
  range.add(failing.lr);
  Chart::Line edge;
  edge.paint = {Color::orange};
  for (const EdgeAtStep& look : failing.looks) {
    if (!look.edge.upper) continue;
    const Point2 at = {static_cast<double>(look.step), *look.edge.upper};
    edge.points.push_back(at);
    range.add(at.y);
    const std::string tip = fmt::format("step {}: the edge is {}", look.step, rounded_out(look.edge));
    chart.points.push_back({at, Shape::circle, 3.2, {Color::orange}, "", tip});
    if (!look.edge.lower) continue;
    chart.lines.push_back({{{at.x, *look.edge.lower}, at}, {Color::orange}, 4});
    range.add(*look.edge.lower);
  }
  if (!edge.points.empty()) chart.notes.push_back({edge.points[edge.points.size() / 2], "stability edge"});
  chart.lines.push_back(std::move(edge));
  chart.notes.push_back({{0.8 * to, failing.lr}, "learning rate " + number(failing.lr), Color::vermillion});
  chart.lines.push_back({{{0, failing.lr}, {to, failing.lr}}, {Color::vermillion}, 1.6, Dash::dashed});
  chart.x = {"step", linear_scale(0, to), {}};
  chart.y = {"learning rate", range.scale(), {}};
  return chart;
}

std::optional<Drawing> draw_failing_run(const Analysis& a, double width) {
  if (!a.failing || a.failing->looks.size() < 2) return {};
  const FailingRun& failing = *a.failing;
  const RunRecord* const run = run_at(a, failing.lr);
  if (!run) return {};
  const double to = last_step(failing, *run);
  std::vector<Chart> charts = {loss_chart(*run, to), edge_chart(failing, to)};
  if (failing.crossed)
    for (Chart& chart : charts) {
      const double at = static_cast<double>(*failing.crossed);
      chart.lines.push_back(
          {{{at, chart.y.scale.value(0)}, {at, chart.y.scale.value(1)}}, {Color::grey, 0.8}, 1.2, Dash::dotted});
    }
  const bool narrow = width < 600;
  Drawing drawing = stacked(std::move(charts), {narrow ? 170.0 : 200.0, narrow ? 230.0 : 260.0}, width);
  drawing.title = "The edge along the run that fails";
  drawing.description =
      failing.crossed
          ? fmt::format("After {} at learning rate {} the edge is below it.", counted(*failing.crossed, "step"),
                        number(failing.lr))
          : fmt::format("Along the run at learning rate {} the edge was not found below it.", number(failing.lr));
  return drawing;
}

}  // namespace

PictureSpec<Analysis> failing() {
  return {.name = "failing",
          .heading = "The edge along the run that fails",
          .rank = 3,
          .caption = caption,
          .draw = draw_failing_run};
}

}  // namespace etamax::analysis::pictures
