#include "etamax/problem/plane_data.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

#include "etamax/core/error.h"
#include "etamax/core/named.h"

namespace etamax {
namespace {

constexpr int kEach = 100;  // points of a label
constexpr double kNoise = 0.12;

/// The engine's numbers are the standard's, the same everywhere; its distributions are not.
class Draws {
 public:
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::mt19937_64 engine_{0};
};

using Point = std::array<double, 2>;

/// Two half circles, each with its end inside the other.
Point moon(int label, Draws& draw) {
  const double turn = std::numbers::pi * draw.uniform(), side = label == 0 ? 1 : -1;
  return {side * (std::cos(turn) - 0.5), side * (std::sin(turn) - 0.25)};
}

/// A disc, and a ring around it.
Point ring(int label, Draws& draw) {
  const double turn = 2 * std::numbers::pi * draw.uniform();
  const double radius = label == 0 ? 0.6 * std::sqrt(draw.uniform()) : 1.4;
  return {radius * std::cos(turn), radius * std::sin(turn)};
}

/// The four quarters of a square; opposite ones have one label.
Point quarter(int label, Draws& draw) {
  const double x = 0.15 + 1.25 * draw.uniform(), y = 0.15 + 1.25 * draw.uniform();
  const double side = draw.uniform() < 0.5 ? -1 : 1;
  return {side * x, (label == 0 ? side : -side) * y};
}

Point point_of(std::string_view shape, int label, Draws& draw) {
  if (shape == "moons") return moon(label, draw);
  if (shape == "rings") return ring(label, draw);
  return quarter(label, draw);
}

}  // namespace

const std::vector<PlaneShape>& plane_shapes() {
  static const std::vector<PlaneShape> shapes = {{"moons", "two half circles, one inside the other"},
                                                 {"rings", "a disc, and a ring around it"},
                                                 {"xor", "the four quarters of a square, opposite ones alike"}};
  return shapes;
}

PlaneData plane_data(std::string_view shape) {
  const std::string name = find_named(plane_shapes(), std::string(shape), "data", "shape").name;
  PlaneData data;
  data.name = "plane:" + std::string(shape);
  Draws draw;
  for (int i = 0; i < 2 * kEach; ++i) {
    const int label = i % 2;
    Point point = point_of(shape, label, draw);
    for (double& x : point) x += kNoise * draw.normal();
    data.points.push_back(point);
    data.labels.push_back(label);
  }
  return data;
}

}  // namespace etamax
