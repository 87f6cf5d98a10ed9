#include <algorithm>
#include <cmath>
#include <tuple>

#include "etamax/dynamics/drawn_path.h"
#include "etamax/explain/detail_sample.h"

namespace etamax {
namespace {

/// The part of an axis that shows the iterates and the minimizers, with a margin; far flung iterates are left
/// outside.
std::pair<double, double> shown_range(std::span<const Explanation> answers, std::size_t axis) {
  double low = INFINITY, high = -INFINITY;
  for (const Explanation& answer : answers) {
    const double start = answer.start[axis];
    const double center = answer.stability.minimizer ? (*answer.stability.minimizer)[axis] : start;
    const double reach = picture_reach(start, center);
    low = std::min(low, center - reach), high = std::max(high, center + reach);
    const auto show = [&](const std::vector<std::vector<double>>& points, double farthest) {
      for (const auto& x : points)
        if (std::isfinite(x[axis]) && std::abs(x[axis] - center) <= farthest * reach)
          low = std::min(low, x[axis]), high = std::max(high, x[axis]);
    };
    constexpr double kFarthestOfPath = 2;  // what comes later is less important than that the first steps are large
    for (const FunctionRun& run : answer.runs) {
      show(run.iterates, kFarthestShown);
      show(run.path, kFarthestOfPath);
    }
  }
  const double margin = 0.15 * (high - low);
  return {low - margin, high + margin};
}

std::size_t variables(std::span<const Explanation> answers) {
  return answers.empty() ? 0 : answers.front().start.size();
}

}  // namespace

std::optional<CurveSample> sample_curve(std::span<const Explanation> answers, const Function& f) {
  if (variables(answers) != 1) return {};
  const auto [low, high] = shown_range(answers, 0);
  CurveSample curve;
  constexpr int kPoints = 401;
  for (int i = 0; i < kPoints; ++i) curve.x.push_back(low + (high - low) * i / (kPoints - 1));
  curve.y.resize(curve.x.size());
  f.values(curve.x, curve.y);
  return curve;
}

std::optional<GridSample> sample_grid(std::span<const Explanation> answers, const Function& f) {
  if (variables(answers) != 2) return {};
  GridSample grid;
  std::tie(grid.x_from, grid.x_to) = shown_range(answers, 0);
  std::tie(grid.y_from, grid.y_to) = shown_range(answers, 1);
  grid.columns = grid.rows = 121;
  const auto n = static_cast<std::size_t>(grid.columns * grid.rows);
  std::vector<double> points(2 * n);
  for (int row = 0; row < grid.rows; ++row)
    for (int column = 0; column < grid.columns; ++column) {
      const auto at = static_cast<std::size_t>(row * grid.columns + column);
      points[at] = grid.x_from + (grid.x_to - grid.x_from) * column / (grid.columns - 1);
      points[n + at] = grid.y_from + (grid.y_to - grid.y_from) * row / (grid.rows - 1);
    }
  grid.value.resize(n);
  f.values(points, grid.value);
  return grid;
}

}  // namespace etamax
