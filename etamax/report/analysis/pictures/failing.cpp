// The run that fails below the edge beside the experiments that show why, and below them the edge at the step where it
// begins.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/analysis.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis& a) {
  std::string text =
      "Why it fails though it begins below the edge: above, the loss of each step's batch in the run that fails, and in the same run "
      "with its steps changed wherever the rate is beyond the edge.";
  if (a.failing && a.failing->looks.size() >= 2)
    text +=
        " Below, the stability edge at the weights before each step around the first lasting rise of the loss: it is at most as high "
        "as drawn; a bar is its certified interval.";
  if (a.failing && a.failing->explained) text += " Dotted: the first step whose rise lies along the top eigenvector.";
  return text;
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

void add_run(Chart& chart, Range& range, const RunRecord& run, Color color, const std::string& name) {
  Chart::Line line;
  line.paint = {color};
  for (std::size_t i = 0; i < run.losses.size(); ++i) {
    line.points.push_back({static_cast<double>(i) * static_cast<double>(run.stride), run.losses[i]});
    range.add(run.losses[i]);
  }
  chart.ends.push_back({chart.lines.size(), Shape::circle, color, name});
  chart.lines.push_back(std::move(line));
}

Chart loss_chart(const FailingRun& failing) {
  Chart chart;
  Range range;
  add_run(chart, range, failing.run, Color::vermillion, "the run at " + number(failing.lr));
  const Intervention* const held = held_run(failing);
  if (held && held->steps > 0) add_run(chart, range, held->run, Color::blue, "rate held below the edge");
  if (failing.direction_out) add_run(chart, range, failing.direction_out->run, Color::grey, "top direction taken out");
  double steps = 1;
  for (const Chart::Line& line : chart.lines)
    if (!line.points.empty()) steps = std::max(steps, line.points.back().x);
  chart.x = {"step", linear_scale(0, steps), {}};
  chart.y = {"loss", range.scale(), {}};
  return chart;
}

Chart edge_chart(const FailingRun& failing) {
  Chart chart;
  Range range;
  range.add(failing.lr);
  Chart::Line edge;
  edge.paint = {Color::orange};
  const double from = static_cast<double>(failing.looks.front().step),
               to = static_cast<double>(failing.looks.back().step);
  for (const StepLook& look : failing.looks) {
    if (!look.edge.upper) continue;
    const Point2 at = {static_cast<double>(look.step), *look.edge.upper};
    edge.points.push_back(at);
    range.add(at.y);
    const std::string tip = fmt::format("step {}: the edge is {}; the loss goes from {} to {}", look.step,
                                        rounded_out(look.edge), number(look.loss), number(look.loss_after));
    chart.points.push_back({at, Shape::circle, 3.2, {Color::orange}, "", tip});
    if (!look.edge.lower) continue;
    chart.lines.push_back({{{at.x, *look.edge.lower}, at}, {Color::orange}, 4});
    range.add(*look.edge.lower);
  }
  if (!edge.points.empty()) chart.notes.push_back({edge.points[edge.points.size() / 2], "stability edge"});
  chart.lines.push_back(std::move(edge));
  chart.notes.push_back(
      {{from + 0.8 * (to - from), failing.lr}, "learning rate " + number(failing.lr), Color::vermillion});
  chart.lines.push_back({{{from, failing.lr}, {to, failing.lr}}, {Color::vermillion}, 1.6, Dash::dashed});
  chart.x = {"step", linear_scale(from, to), {}};
  chart.y = {"learning rate", range.scale(), {}};
  if (failing.explained) {
    const double at = static_cast<double>(*failing.explained);
    chart.lines.push_back(
        {{{at, chart.y.scale.value(0)}, {at, chart.y.scale.value(1)}}, {Color::grey, 0.8}, 1.2, Dash::dotted});
  }
  return chart;
}

std::optional<Drawing> draw_failing_run(const Analysis& a, double width) {
  if (!a.failing) return {};
  const FailingRun& failing = *a.failing;
  if (failing.run.losses.size() < 2) return {};
  const bool narrow = width < 600;
  std::vector<Chart> charts = {loss_chart(failing)};
  if (failing.looks.size() >= 2) charts.push_back(edge_chart(failing));
  Drawing drawing = stacked(std::move(charts), {narrow ? 210.0 : 260.0, narrow ? 210.0 : 230.0}, width);
  drawing.title = "The run that fails below the edge";
  const Intervention* const held = held_run(failing);
  if (held)
    drawing.description = fmt::format("The run at {} fails. With its rate held below the edge: {}", number(failing.lr),
                                      held->run.reason.empty() ? to_string(held->run.verdict) + "." : held->run.reason);
  else
    drawing.description = fmt::format("The run at {} fails.", number(failing.lr));
  return drawing;
}

}  // namespace

PictureSpec<Analysis> failing() {
  return {.name = "failing",
          .heading = "The run that fails below the edge",
          .rank = 3,
          .caption = caption,
          .draw = draw_failing_run};
}

}  // namespace etamax::analysis::pictures
