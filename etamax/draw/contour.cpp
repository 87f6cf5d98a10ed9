#include "etamax/draw/contour.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "etamax/draw/scale.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The grid with a rim of infinity around it, so that every contour closes.
class PaddedGrid {
 public:
  explicit PaddedGrid(const ContourGrid& grid) : grid_(grid) {}
  int columns() const { return grid_.columns + 2; }
  int rows() const { return grid_.rows + 2; }
  double value(int column, int row) const {
    if (column < 1 || column > grid_.columns || row < 1 || row > grid_.rows) return kInfinity;
    const double v = grid_.value[static_cast<std::size_t>((row - 1) * grid_.columns + column - 1)];
    return std::isnan(v) ? kInfinity : v;
  }
  /// Where the level is crossed between two neighbors, one of them below it.
  Point2 crossing(int c0, int r0, int c1, int r1, double level) const {
    const double a = value(c0, r0), b = value(c1, r1);
    double t = a / 2 == b / 2 ? 0.5 : (level / 2 - a / 2) / (b / 2 - a / 2);
    if (std::isinf(a)) t = 1;
    if (std::isinf(b)) t = 0;
    if (!std::isfinite(t)) t = 0.5;
    return place(c0 + t * (c1 - c0), r0 + t * (r1 - r0));
  }

 private:
  Point2 place(double column, double row) const {
    const double u = std::clamp((column - 1) / std::max(1, grid_.columns - 1), 0.0, 1.0);
    const double v = std::clamp((row - 1) / std::max(1, grid_.rows - 1), 0.0, 1.0);
    return {grid_.x_from * (1 - u) + grid_.x_to * u, grid_.y_from * (1 - v) + grid_.y_to * v};
  }
  const ContourGrid& grid_;
};

}  // namespace

std::vector<std::vector<Point2>> contour_rings(const ContourGrid& grid, double level) {
  if (grid.columns < 2 || grid.rows < 2 ||
      grid.value.size() != static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows))
    return {};
  const PaddedGrid padded(grid);
  const int columns = padded.columns(), rows = padded.rows();
  // Edge 2 (row columns + column) runs right from a node, the next one up.
  const auto edge = [&](int column, int row, int side) {
    switch (side) {  // of the cell whose lower left node this is, counter-clockwise
      case 0:
        return 2 * (row * columns + column);
      case 1:
        return 2 * (row * columns + column + 1) + 1;
      case 2:
        return 2 * ((row + 1) * columns + column);
      default:
        return 2 * (row * columns + column) + 1;
    }
  };
  std::vector<int> next(static_cast<std::size_t>(2 * columns * rows), -1);
  std::vector<int> starts;
  for (int row = 0; row + 1 < rows; ++row)
    for (int column = 0; column + 1 < columns; ++column) {
      const double corner[4] = {padded.value(column, row), padded.value(column + 1, row),
                                padded.value(column + 1, row + 1), padded.value(column, row + 1)};
      bool in[4];
      int count = 0;
      for (int k = 0; k < 4; ++k) count += in[k] = corner[k] < level;
      if (count == 0 || count == 4) continue;
      // Where two opposite corners are inside, the middle decides whether they are one piece.
      const bool saddle = count == 2 && in[0] == in[2];
      const bool joined = saddle && corner[0] / 4 + corner[1] / 4 + corner[2] / 4 + corner[3] / 4 < level;
      for (int k = 0; k < 4; ++k) {
        if (!in[k] || in[(k + 1) % 4]) continue;  // going round, the region is left on side k ...
        int back = (k + 1) % 4;                   // ... and entered again on this one
        if (saddle && !joined) back = (k + 3) % 4;
        while (!saddle && !(!in[back] && in[(back + 1) % 4])) back = (back + 1) % 4;
        const int from = edge(column, row, k);
        next[static_cast<std::size_t>(from)] = edge(column, row, back);
        starts.push_back(from);
      }
    }
  std::vector<std::vector<Point2>> rings;
  for (const int start : starts) {
    std::vector<Point2> ring;
    for (int at = start; next[static_cast<std::size_t>(at)] >= 0;) {
      const int node = at / 2, column = node % columns, row = node / columns;
      ring.push_back(padded.crossing(column, row, at % 2 ? column : column + 1, at % 2 ? row + 1 : row, level));
      at = std::exchange(next[static_cast<std::size_t>(at)], -1);
    }
    if (ring.size() > 2) rings.push_back(std::move(ring));
  }
  return rings;
}

std::vector<double> contour_levels(const ContourGrid& grid) {
  std::vector<double> values;
  for (const double v : grid.value)
    if (std::isfinite(v)) values.push_back(v);
  if (values.size() < 2) return {};
  std::sort(values.begin(), values.end());
  const double lowest = values.front();
  const auto above = [&](double part) {
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))] - lowest;
  };
  const double low = std::max(above(0.005), above(1) * 1e-12), high = above(0.985);
  if (!(high > 0) || !std::isfinite(high)) return {};
  std::vector<double> levels;
  if (low > 0 && high / low > 40) {
    const double decades = std::log10(high / low);
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / 12)));
    for (int decade = static_cast<int>(std::floor(std::log10(low))); decade <= static_cast<int>(std::log10(high)) + 1;
         ++decade)
      for (const double factor : {1.0, 2.0, 3.0, 5.0}) {
        const bool wanted = factor == 1   ? ((decade % stride) + stride) % stride == 0
                            : factor == 3 ? decades >= 2.5 && decades < 6
                                          : decades < 2.5;
        const double level = factor * std::pow(10.0, decade);
        if (wanted && level >= low && level <= high) levels.push_back(lowest + level);
      }
  } else {
    const auto ticks =
        axis_ticks(linear_scale(lowest, lowest + high), 240, 12, [](const std::string&) { return 12.0; });
    for (const Tick& tick : ticks)
      if (tick.value > lowest && tick.value < lowest + above(1)) levels.push_back(tick.value);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

}  // namespace etamax
