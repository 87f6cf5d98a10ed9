// The loss, and below it the sharpness with the line where the rate is at the edge, over the steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/following.h"

namespace etamax::following::pictures {
namespace {

constexpr Color kRunColors[] = {Color::blue, Color::vermillion, Color::green, Color::purple, Color::orange, Color::sky};

Color color_of(std::size_t run) { return kRunColors[run % std::size(kRunColors)]; }

std::string caption(const Following&) {
  return "Above the loss of the batches, below the sharpness: dots are looks, bars their certified bounds, crosses where the rate was found on the other side of the edge, rings the batch sharpness. Dashed: the sharpness at which the rate is just stable, 2/lr for gradient descent.";
}

std::string name(const SharpnessRun& run) { return "lr " + format_rate(run.lr, 10); }

/// The range of positive finite numbers.
struct Seen {
  double low = INFINITY, high = 0;
  void add(double x) {
    if (x > 0 && std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
  }
  bool any() const { return low <= high; }
};

Chart::Axis steps(const Following& f) {
  return {"step", linear_scale(0, static_cast<double>(std::max(f.steps, 1L))), {}};
}

std::optional<Chart> loss_chart_of(const Following& f) {
  Chart chart;
  chart.title = "Loss";
  Seen seen;
  for (std::size_t r = 0; r < f.runs.size(); ++r) {
    Chart::Line line;
    line.paint = {color_of(r)};
    line.width = 1.5;
    for (std::size_t k = 0; k < f.runs[r].losses.size(); ++k) {
      const double loss = f.runs[r].losses[k];
      seen.add(loss);
      line.points.push_back({static_cast<double>(static_cast<long>(k) * f.runs[r].losses_stride),
                             loss > 0 && std::isfinite(loss) ? loss : std::nan("")});
    }
    chart.ends.push_back({chart.lines.size(), Shape::circle, color_of(r), name(f.runs[r]), f.runs.size() > 1});
    chart.lines.push_back(line);
  }
  if (!seen.any()) return {};
  chart.x = steps(f);
  chart.y = {"loss", log_scale_around(seen.low, seen.high), {}};
  return chart;
}

void add_looks(Chart& chart, const SharpnessRun& run, Color color, Seen& seen) {
  Chart::Line sharpness, critical;
  sharpness.paint = {color};
  critical.paint = {color, 0.8};
  critical.dash = Dash::dashed;
  for (const SharpnessLook& look : run.looks) {
    const double x = static_cast<double>(look.step);
    sharpness.points.push_back({x, look.sharpness});
    seen.add(look.sharpness);
    if (look.critical) critical.points.push_back({x, *look.critical}), seen.add(*look.critical);
    const bool crossed = std::find(run.crossings.begin(), run.crossings.end(), look.step) != run.crossings.end();
    std::string tip = fmt::format("step {}: sharpness {}", look.step, format_number(look.sharpness, 4));
    if (const auto of = look.of_edge()) tip += fmt::format(", lr {} times the edge", format_number(*of, 3));
    chart.points.push_back(
        {{x, look.sharpness}, crossed ? Shape::cross : Shape::circle, crossed ? 5.0 : 2.5, {color}, "", tip});
    if (look.bounds.lower && look.bounds.upper) {
      Chart::Line bar;
      bar.paint = {Color::ink};
      bar.width = 3;
      bar.points = {{x, *look.bounds.lower}, {x, *look.bounds.upper}};
      seen.add(*look.bounds.lower), seen.add(*look.bounds.upper);
      chart.lines.push_back(bar);
    }
    if (look.batch_sharpness && *look.batch_sharpness > 0) {
      seen.add(*look.batch_sharpness);
      chart.points.push_back({{x, *look.batch_sharpness}, Shape::ring, 3, {color, 0.6}, "", "batch sharpness"});
    }
  }
  if (critical.points.size() == 1) critical.points.push_back({critical.points[0].x + 1e-9, critical.points[0].y});
  chart.lines.push_back(critical);
  chart.lines.push_back(sharpness);
}

std::optional<Chart> sharpness_chart(const Following& f) {
  Chart chart;
  chart.title = "Sharpness";
  chart.subtitle = "dashed: where the rate is at the edge";
  Seen seen;
  for (std::size_t r = 0; r < f.runs.size(); ++r) {
    add_looks(chart, f.runs[r], color_of(r), seen);
    chart.ends.push_back({chart.lines.size() - 1, Shape::circle, color_of(r), name(f.runs[r]), f.runs.size() > 1});
  }
  if (!seen.any()) return {};
  chart.x = steps(f);
  const bool wide = seen.high > 8 * seen.low;
  chart.y = {"sharpness", wide ? log_scale_around(seen.low, seen.high) : linear_scale(0, 1.08 * seen.high), {}};
  return chart;
}

std::vector<Chart> charts_of(const Following& f) {
  std::vector<Chart> charts;
  const auto sharpness = sharpness_chart(f);
  if (!sharpness) return charts;
  if (const auto loss = loss_chart_of(f)) charts.push_back(*loss);
  charts.push_back(*sharpness);
  return charts;
}

std::optional<Drawing> draw_sharpness(const Following& f, double width) {
  const std::vector<Chart> charts = charts_of(f);
  if (charts.empty()) return {};
  const std::vector<double> heights = {220, 340};
  return stacked(charts, {heights.end() - static_cast<long>(charts.size()), heights.end()}, width);
}

std::vector<std::string> text(const Following& f, const TerminalStyle& style) {
  const std::vector<Chart> charts = charts_of(f);
  if (charts.empty()) return {};
  const std::vector<int> rows = {7, 14};
  return stacked(charts, {rows.end() - static_cast<long>(charts.size()), rows.end()}, std::min(style.width, 100),
                 style);
}

}  // namespace

PictureSpec<Following> sharpness() { return {"sharpness", "Loss and sharpness", 1, caption, draw_sharpness, text}; }

}  // namespace etamax::following::pictures
