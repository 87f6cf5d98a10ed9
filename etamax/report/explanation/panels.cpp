#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax {
namespace {

constexpr std::size_t kMostHops = 60, kMostNumbers = 20;

/// Of which steps a factor is: the sentences say it at length. Where there is little room, its end is cut off.
std::string factor_words(const FunctionRun& run) {
  const std::string factor = "\u00d7 " + format_factor(*run.rate, 4);
  switch (run.rate_scope.value_or(RateScope::long_run)) {
    case RateScope::each_step:
      return "each step " + factor;
    case RateScope::near_limit:
      return factor + (run.kind == PointKind::minimum ? " a step near the minimum" : " a step near its end");
    case RateScope::slowest_direction:
      return factor + " a step, slowest direction";
    case RateScope::steepest_direction:
      return factor + " a step, steepest direction";
    case RateScope::long_run:
      break;
  }
  return factor + " a step in the long run";
}

std::string per_step(const FunctionRun& run) {
  if (run.verdict == Verdict::undefined)
    return run.bad_step ? fmt::format("no number after step {}", *run.bad_step) : "";
  if (run.period) return fmt::format("repeats every {} steps", *run.period);
  if (run.rate && (run.verdict == Verdict::converges || run.verdict == Verdict::diverges)) return factor_words(run);
  if (run.verdict == Verdict::diverges && run.bad_step)
    return fmt::format("too large for the machine at step {}", *run.bad_step);
  if (run.verdict == Verdict::chaotic)
    return run.spreads ? "wanders ever further, and never repeats" : "bounded, and never repeats";
  return "";
}

std::string number_list(const std::vector<double>& x) {
  const std::string text = joined(number_texts(x, 5));
  return x.size() == 1 ? text : "(" + text + ")";
}

/// How many panels stand side by side at this width.
std::size_t panels_across(std::size_t count, double width) {
  if (width < 600) return 1;
  if (count <= 3) return std::max<std::size_t>(1, count);
  return count == 4 ? 2 : count <= 6 ? 3 : 4;
}

}  // namespace

void name_run(Chart& chart, const FunctionRun& run) {
  chart.title = "lr " + format_rate(run.lr) + " " + to_string(run.verdict);
  chart.title_appearance = appearance(run.verdict);
  chart.subtitle = per_step(run);
}

void add_hops(Chart& chart, const FunctionRun& run, const std::vector<Point2>& places) {
  const Color color = appearance(run.verdict).color;
  const std::size_t count = std::min(places.size(), kMostHops + 1);
  const auto outside = [&](Point2 p) {
    const double x = chart.x.scale.position(p.x), y = chart.y.scale.position(p.y);
    return !(x >= -1e-9 && x <= 1 + 1e-9 && y >= -1e-9 && y <= 1 + 1e-9);
  };
  std::size_t left_at = count;
  for (std::size_t k = 0; k < count; ++k) {
    if (outside(places[k])) {
      left_at = k;
      break;
    }
  }
  const std::size_t last = std::min(left_at, count - 1);
  const auto strength = [&](std::size_t k) {
    return 0.3 + 0.7 * static_cast<double>(k) / std::max(1.0, static_cast<double>(last));
  };
  for (std::size_t k = 0; k < last; ++k)
    chart.arrows.push_back({places[k], places[k + 1], {color, strength(k + 1)}, 1.7, 5.5});
  for (std::size_t k = 0; k < count && k < left_at; ++k)
    chart.points.push_back(
        {places[k],
         Shape::circle,
         count > 12 ? 3.4 : 4.8,
         {color, strength(k)},
         k <= kMostNumbers ? std::to_string(k) : "",
         fmt::format("step {}: {}, loss {}", k, number_list(run.iterates[k]), format_number(run.losses[k]))});
  if (left_at < count && left_at > 0) {
    const Point2 to = places[left_at];
    const bool drawable = std::isfinite(chart.x.scale.position(to.x)) && std::isfinite(chart.y.scale.position(to.y));
    chart.notes.push_back({drawable ? to : places[left_at - 1],
                           (drawable ? "leaves the picture at step " : "no value at step ") + std::to_string(left_at),
                           Color::ink});
  } else if (places.size() > count) {
    chart.notes.push_back(
        {places[count - 1], fmt::format("the first {} of {} steps", count - 1, places.size() - 1), Color::muted});
  }
}

Scale panel_range(const Scale& common, const std::vector<double>& own, double most) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : own) {
    if (!(value >= common.low && value <= common.high)) return common;  // a run that leaves: the common view
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double whole = common.high / 2 - common.low / 2, part = high / 2 - low / 2;
  if (!(low <= high) || !(part < 0.4 * whole)) return common;
  const double half = std::max(1.35 * part, whole / most), middle = low / 2 + high / 2;
  return linear_scale(std::max(middle - half, common.low), std::min(middle + half, common.high));
}

std::optional<Drawing> draw_panels(const std::vector<Chart>& panels, double width, const PanelHeights& heights,
                                   const std::string& title) {
  if (panels.empty()) return {};
  const std::size_t across = panels_across(panels.size(), width);
  const bool alone = across == 1 && width > 600;
  Drawing drawing = side_by_side(panels, across, width,
                                 across == 4 ? heights.four
                                 : alone     ? heights.alone
                                             : heights.usual);
  drawing.title = title;
  for (const Chart& panel : panels) drawing.description += panel.title + ". ";
  return drawing;
}

std::string panels_left_out(const Explanation& e) {
  return e.runs.size() > kMostPanels ? fmt::format(" The first {} of {} learning rates.", kMostPanels, e.runs.size())
                                     : "";
}

}  // namespace etamax
