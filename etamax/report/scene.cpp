#include "etamax/report/scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "etamax/report/appearance.h"
#include "etamax/report/detail_contours.h"
#include "etamax/report/detail_loss_chart.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax {
namespace {

constexpr std::size_t kMostLanes = 6;  // updates drawn below the curve

Scene scene_of(Chart chart, const SceneSize& size, const std::string& what) {
  const std::string title = size.named && !chart.title.empty() ? what + ": " + chart.title : what;
  if (!size.named) chart.title.clear(), chart.subtitle.clear(), chart.title_appearance.reset();
  Scene scene{draw(chart, size.width, size.height), frame_of(chart, size.width, size.height), chart.x.scale,
              chart.y.scale};
  scene.drawing.title = title;
  return scene;
}

bool has_run(const Explanation& e) {
  return !e.runs.empty() && !e.runs[0].iterates.empty() && e.runs[0].losses.size() >= e.runs[0].iterates.size();
}

/// The losses to show of a curve: its lowest and highest, but of a pole, of which a few samples see as much as chance
/// has it, not all the depth or height.
std::pair<double, double> usual_losses(const std::vector<double>& y) {
  std::vector<double> sorted;
  std::copy_if(y.begin(), y.end(), std::back_inserter(sorted), [](double loss) { return std::isfinite(loss); });
  if (sorted.empty()) return {INFINITY, -INFINITY};
  std::sort(sorted.begin(), sorted.end());
  constexpr double kFew = 0.05, kMany = 10;  // spans that few are away from the others
  const auto few = static_cast<std::size_t>(kFew * static_cast<double>(sorted.size() - 1));
  const double low = sorted[few], high = sorted[sorted.size() - 1 - few], span = high - low;
  const auto shown = [&](double extreme, double usual, double otherwise) {
    if (!(std::abs(extreme - usual) > kMany * span)) return extreme;  // also where the span overflows
    const auto at = std::find(y.begin(), y.end(), extreme);
    for (const auto beside : {at == y.begin() ? at : at - 1, at + 1 == y.end() ? at : at + 1})
      if (beside != at && (*beside - usual) / (extreme - usual) > 0.5) return extreme;  // a narrow valley, seen
    return otherwise;
  };
  return {shown(sorted.front(), low, low - span), shown(sorted.back(), high, high + span)};
}

}  // namespace

std::optional<Scale> losses_to_show(const Explanation& e) {
  if (!e.curve || !has_run(e)) return {};
  auto [low, high] = usual_losses(e.curve->y);
  if (!(low <= high)) return {};
  double least = low, most = high, needed = low;
  for (const double y : e.curve->y)
    if (std::isfinite(y)) least = std::min(least, y), most = std::max(most, y);
  for (std::size_t k = 0; k < e.runs[0].iterates.size(); ++k)
    if (const double loss = e.runs[0].losses[k]; loss >= least && loss <= most)
      low = std::min(low, loss), needed = std::max(needed, loss);
  high = std::max(high, needed);
  constexpr double kMany = 10, kRoom = 1.25;
  if (needed > low && high / kMany - low / kMany > needed - low) high = low + kRoom * (needed - low);
  return linear_scale(low, high);
}

std::optional<Scene> curve_scene(const Explanation& e, const Scale& losses, const SceneSize& size) {
  if (!e.curve || e.curve->x.size() < 2 || e.variables.size() != 1 || !has_run(e)) return {};
  const FunctionRun& run = e.runs[0];
  std::vector<Point2> places;
  for (std::size_t k = 0; k < run.iterates.size(); ++k) places.push_back({run.iterates[k][0], run.losses[k]});
  const double span = losses.high / 2 - losses.low / 2;  // half of it, which cannot overflow
  Chart chart;
  chart.x = {e.variables[0], linear_scale(e.curve->x.front(), e.curve->x.back()), {}};
  chart.y = {"loss f(" + e.variables[0] + ")", linear_scale(losses.low - 0.44 * span, losses.high),
             losses.low - 0.03 * span};
  Chart::Line curve{{}, {Color::ink, 0.85}, 2, Dash::solid};
  for (std::size_t i = 0; i < e.curve->x.size(); ++i) {
    const double y = e.curve->y[i], before = i > 0 ? e.curve->y[i - 1] : y;
    if ((before > losses.high && y < losses.low) || (before < losses.low && y > losses.high))  // a pole is no line
      curve.points.push_back({e.curve->x[i], NAN});
    curve.points.push_back({e.curve->x[i], y});
  }
  chart.lines.push_back(std::move(curve));
  name_run(chart, run);
  add_hops(chart, run, places);
  const std::size_t lanes = std::min(places.size() - 1, kMostLanes);
  for (std::size_t k = 0; k < lanes; ++k) {
    const double down = 0.09 + 0.3 * static_cast<double>(k) / static_cast<double>(std::max<std::size_t>(lanes, 4));
    const double y = losses.low - span * down;
    chart.arrows.push_back({{places[k].x, y}, {places[k + 1].x, y}, {appearance(run.verdict).color, 0.9}, 1.3});
  }
  return scene_of(chart, size, "The iterates on the curve of " + e.expression);
}

std::optional<Scene> contour_scene(const Explanation& e, const SceneSize& size) {
  if (!e.grid || e.variables.size() != 2 || !has_run(e)) return {};
  const FunctionRun& run = e.runs[0];
  Chart chart = contours(*e.grid, e.variables);
  add_minimizer(chart, e.stability);
  name_run(chart, run);
  std::vector<Point2> places;
  for (const auto& x : run.iterates) places.push_back({x[0], x[1]});
  Chart::Line path{{}, {appearance(run.verdict).color, 0.85}, 1.6, Dash::solid};
  for (const auto& x : run.path) path.points.push_back({x.at(0), x.at(1)});
  if (path.points.size() > 1) chart.lines.push_back(std::move(path));
  add_hops(chart, run, places);
  return scene_of(chart, size, "The path over the contour lines of " + e.expression);
}

std::optional<Scene> cobweb_scene(const Explanation& e, const CurveSample& step, const SceneSize& size) {
  if (step.x.size() < 2 || !has_run(e)) return {};
  const FunctionRun& run = e.runs[0];
  const Scale range = linear_scale(step.x.front(), step.x.back());
  Chart chart;
  chart.x = {e.variables[0] + " now", range, {}};
  chart.y = {e.variables[0] + " after one step", range, {}};
  name_run(chart, run);
  chart.lines.push_back({{{range.low, range.low}, {range.high, range.high}}, {Color::muted, 0.8}, 1.3, Dash::dashed});
  Chart::Line rule{{}, {Color::ink, 0.85}, 2, Dash::solid};
  for (std::size_t i = 0; i < step.x.size(); ++i) rule.points.push_back({step.x[i], step.y[i]});
  chart.lines.push_back(std::move(rule));
  const Color color = appearance(run.verdict).color;
  for (std::size_t k = 0; k + 1 < run.iterates.size(); ++k) {
    const double from = run.iterates[k][0], to = run.iterates[k + 1][0];
    const double strength = 0.35 + 0.65 * static_cast<double>(k + 1) / static_cast<double>(run.iterates.size() - 1);
    const Point2 below = k == 0 ? Point2{from, std::max(range.low, std::min(from, to))} : Point2{from, from};
    chart.arrows.push_back({k == 0 ? Point2{from, from} : below, {from, to}, {color, strength}, 1.5});
    chart.arrows.push_back({{from, to}, {to, to}, {color, strength}, 1.5});
  }
  chart.points.push_back({{run.iterates[0][0], run.iterates[0][0]}, Shape::circle, 4.8, {color, 1}, "start", ""});
  return scene_of(chart, size, "The cobweb of " + e.expression);
}

std::optional<Scene> loss_scene(const Explanation& e, const SceneSize& size) {
  if (!has_run(e)) return {};
  const FunctionRun& run = e.runs[0];
  auto chart = loss_chart({{run.lr, run.verdict, run.long_losses.size() > 1 ? run.long_losses : run.losses}});
  if (!chart) return {};
  chart->ends.clear();  // there is one line, and one run on the page
  return scene_of(*chart, size, "The loss after each step");
}

}  // namespace etamax
