#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "etamax/dynamics/experiment.h"
#include "etamax/maps/map.h"

namespace etamax {
namespace {

constexpr int kMostValues = 400;  // of the other axis: what is between two of them is a line

/// The edge at one value of the other axis; NaN where there is none.
double edge_of(const MapProblem& problem, const MapProblem::Run& run, Cost& cost, const Progress& progress) {
  const OptimizerSpec& spec = problem.optimizer();
  const Experiment experiment(problem.function(), run.start, spec, run.values, cost, progress);
  const LocalTheory& theory = experiment.theory;
  return (theory.applies() ? theory.edge() : std::nullopt).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

std::vector<MapEdge> map_edges(const MapProblem& problem, Cost& cost, const Progress& progress) {
  const bool across = problem.x().name == "lr", upwards = problem.y().name == "lr";
  if (!across && !upwards) return {};
  const MapAxis& other = across ? problem.y() : problem.x();
  MapEdge edge{"stability edge", {}, {}};
  const int values = std::min(other.pixels, kMostValues);
  const Progress all_drawn = [&progress](const WorkDone&) { return !progress || progress(1); };
  double before = std::numeric_limits<double>::quiet_NaN();
  bool any = false;
  for (int k = 0; k < values; ++k) {
    const int pixel = values == 1 ? 0 : static_cast<int>(static_cast<long>(k) * (other.pixels - 1) / (values - 1));
    const double lr = edge_of(problem, across ? problem.run(0, pixel) : problem.run(pixel, 0), cost, all_drawn);
    // Another minimum has another edge: no line leads from one to the other.
    constexpr double kSame = 1.25;
    const bool jumps = std::isfinite(before) && (lr > kSame * before || before > kSame * lr);
    for (const double value : jumps ? std::vector{std::numeric_limits<double>::quiet_NaN(), lr} : std::vector{lr}) {
      (across ? edge.x : edge.y).push_back(value);
      (across ? edge.y : edge.x).push_back(other.value(pixel));
    }
    before = lr;
    any = any || std::isfinite(lr);
  }
  return any ? std::vector{edge} : std::vector<MapEdge>{};
}

}  // namespace etamax
