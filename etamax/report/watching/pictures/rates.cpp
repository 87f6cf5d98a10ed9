// The learning rate and the edge over the steps, with what was said.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/watching.h"

namespace etamax::watching::pictures {
namespace {

std::string number(double x) { return format_number(x, 3); }

std::string caption(const Watching& w) {
  std::string text =
      "The learning rate and the edge, by the curvature of single batches: an estimate, and mostly too high.";
  if (!w.events.empty()) text += " Marks: where something was said.";
  return text;
}

/// A line of steps: the rate holds until the next change.
Chart::Line steps_of(const Watching& w, double Watching::Rate::*rate, Paint paint, Dash dash) {
  Chart::Line line;
  line.paint = paint;
  line.dash = dash;
  for (std::size_t i = 0; i < w.rates.size(); ++i) {
    const double x = static_cast<double>(w.rates[i].step);
    if (i > 0 && w.rates[i].step > w.rates[i - 1].step + 1) line.points.push_back({x - 1, w.rates[i - 1].*rate});
    line.points.push_back({x, w.rates[i].*rate});
  }
  if (!w.rates.empty()) line.points.push_back({static_cast<double>(std::max(w.steps - 1, 0L)), w.rates.back().*rate});
  return line;
}

std::optional<Chart> rates_chart(const Watching& w) {
  double low = INFINITY, high = 0;
  const auto see = [&](double lr) {
    if (lr > 0 && std::isfinite(lr)) low = std::min(low, lr), high = std::max(high, lr);
  };
  bool capped = false;
  for (const Watching::Rate& rate : w.rates) see(rate.set), see(rate.in_force), capped |= rate.set != rate.in_force;
  for (const CurvatureLook& look : w.looks)
    if (look.lr_edge) see(*look.lr_edge);
  if (!(low <= high)) return {};
  Chart chart;
  chart.title = "Rate and edge";
  chart.subtitle = "learning rates over the steps, log scale";
  chart.x = {"step", linear_scale(0, static_cast<double>(std::max(w.steps - 1, 1L))), {}};
  chart.y = {"learning rate", log_scale_around(low, high), {}};
  const auto name = [&](Shape shape, Color color, const std::string& text) {
    chart.ends.push_back({chart.lines.size() - 1, shape, color, text, /*as_key=*/true});
  };
  chart.lines.push_back(steps_of(w, &Watching::Rate::set, {Color::blue}, capped ? Dash::dotted : Dash::solid));
  name(Shape::square, Color::blue, capped ? "rate set" : "rate");
  if (capped) {
    chart.lines.push_back(steps_of(w, &Watching::Rate::in_force, {Color::green}, Dash::solid));
    name(Shape::diamond, Color::green, "in force");
  }
  Chart::Line edge;
  edge.paint = {Color::vermillion};
  for (const CurvatureLook& look : w.looks) {
    if (!look.lr_edge) continue;
    const Point2 at{static_cast<double>(look.step), *look.lr_edge};
    edge.points.push_back(at);
    chart.points.push_back({at,
                            Shape::circle,
                            3,
                            {Color::vermillion},
                            "",
                            fmt::format("step {}: edge {}, lr {} ({} times it); sharpest in {}", look.step,
                                        number(at.y), number(look.lr), number(look.lr / at.y), look.layer)});
  }
  if (!edge.points.empty()) {
    chart.lines.push_back(edge);
    name(Shape::circle, Color::vermillion, "edge");
  }
  for (const WatchEvent& event : w.events) {
    const auto after = std::find_if(w.rates.rbegin(), w.rates.rend(),
                                    [&](const Watching::Rate& rate) { return rate.step <= event.step; });
    if (after == w.rates.rend()) continue;
    const bool bad = event.kind == WatchEventKind::warned || event.kind == WatchEventKind::not_finite;
    chart.points.push_back({{static_cast<double>(event.step), after->set},
                            bad ? Shape::triangle_up : Shape::square,
                            6,
                            {bad ? Color::orange : Color::sky},
                            "",
                            event.text});
  }
  return chart;
}

std::optional<Drawing> draw_rates(const Watching& w, double width) {
  const auto chart = rates_chart(w);
  if (!chart) return {};
  return draw(*chart, width, width < 600 ? 300 : 380);
}

std::vector<std::string> text(const Watching& w, const TerminalStyle& style) {
  const auto chart = rates_chart(w);
  if (!chart) return {};
  return lines(*chart, std::min(style.width, 100), 16, style);
}

}  // namespace

PictureSpec<Watching> rates() { return {"rates", "Rate and edge", 1, caption, draw_rates, text, /*has_title=*/true}; }

}  // namespace etamax::watching::pictures
