// What a small distance beside a run grows by, against the closed form on a parabola.
#include "etamax/maps/distances.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/maps/problem.h"

namespace etamax {
namespace {

/// On x^2 each step multiplies every distance by 1 - 2 lr, wherever the run is.
TEST(Distances, OnAParabolaTheyGrowByItsMultiplier) {
  MapOptions o;
  o.expression = "x^2";
  o.x = {"lr", 0.05, 4, false, 80}, o.y = {"start", -1, 1, false, 2};
  const MapProblem problem(o);
  const StepExpressions step = step_expressions(problem.function(), problem.optimizer(), problem.values(), {});
  std::vector<std::string> names = step.state;
  std::vector<Expression> next = step.next;
  add_growth(step, names, next);
  const StepProgram program(next, names, step.parameters, kStepNumber);
  std::vector<MapProblem::Run> runs;
  for (int i = 0; i < 80; ++i) runs.push_back(problem.run(i, 0));
  Lanes lanes = lanes_of(problem, 1, 1, runs);
  lanes.state.resize(2, std::vector<double>(lanes.padded()));
  Distances distances(lanes, 1, 1, 1, 1);
  distances.begin();
  constexpr long kLap = Distances::kBroughtBack, kSteps = 40 * kLap;
  const Progress nobody;
  Asking asking(nobody);
  for (long k = 0; k < kSteps; k += kLap) {
    if (k == kSteps / 2) distances.restart();
    lanes.run(program, k + 1, kLap, asking);
    distances.bring_back();
  }
  const std::vector<double> growth = distances.growth();
  for (std::size_t lane = 0; lane < runs.size(); ++lane) {
    const double each = std::log(std::abs(1 - 2 * runs[lane].lr));
    if (!(each > -1000)) continue;  // to nothing, in one step
    EXPECT_NEAR(growth[lane], each * kSteps / 2, 1e-9 * kSteps) << runs[lane].lr;
    EXPECT_NEAR(distances.most_doublings(lane), std::max(0.0, each * kSteps / std::log(2.0)), 2) << runs[lane].lr;
  }
}

}  // namespace
}  // namespace etamax
