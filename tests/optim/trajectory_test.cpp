// Our steps against the 50 that PyTorch's own optimizers took (record_trajectories.py), for the whole table.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

using Point = std::vector<double>;

/// sum (x_{i+1} - x_i^2)^2 + 0.01 (1 - x_i)^2.
Point rosenbrock_gradient(const Point& x) {
  Point g(x.size());
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double rise = x[i + 1] - x[i] * x[i];
    g[i] += -4 * rise * x[i] - 0.02 * (1 - x[i]);
    g[i + 1] += 2 * rise;
  }
  return g;
}

Point quadratic_gradient(const Point& x) { return {1 * (x[0] - 1), 30 * (x[1] + 2), 1000 * (x[2] - 3)}; }

double largest(const Point& x) {
  double result = 0;
  for (double v : x) result = std::max(result, std::abs(v));
  return result;
}

/// Each of our state vectors is the one of PyTorch's that the table says it is, and PyTorch has no other.
std::string state_fault(const OptimizerSpec& spec, const HyperparameterValues& values, const Point& state,
                        const nlohmann::json& theirs) {
  if (spec.state_vectors == 0) return theirs.empty() ? "" : "has no state, but PyTorch has";
  const std::vector<std::string> names = spec.state_names(values);
  if (names.size() != static_cast<std::size_t>(spec.state_vectors)) return "does not name all of its state";
  const std::size_t n = state.size() / names.size();
  std::size_t kept = 0;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (names[k].empty()) continue;
    ++kept;
    if (!theirs.contains(names[k])) return "PyTorch keeps no " + names[k];
    const Point their = theirs[names[k]];
    for (std::size_t i = 0; i < n; ++i)
      if (std::abs(state[k * n + i] - their[i]) > 1e-11 * largest(their))
        return names[k] + ": " + std::to_string(state[k * n + i]) + ", not " + std::to_string(their[i]);
  }
  return kept == theirs.size() ? "" : "PyTorch keeps more than the table names";
}

TEST(Trajectories, EveryStepIsPyTorchs) {
  double worst = 0;
  for (const OptimizerSpec& spec : optimizers()) {
    const std::string path = ETAMAX_SOURCE_DIR "/tests/optim/data/" + spec.name + ".json";
    std::ifstream file(path);
    ASSERT_TRUE(file) << spec.name << " has no recording: add it to record_trajectories.py";
    const nlohmann::json recordings = nlohmann::json::parse(file);
    std::set<std::string> moved, problems;
    for (const auto& recording : recordings) {
      Settings settings;
      for (const auto& [name, value] : recording["settings"].items())
        settings.emplace_back(name, value), moved.insert(name);
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      const std::string problem = recording["problem"];
      problems.insert(problem);
      const std::vector<Point> points = recording["points"];
      ASSERT_EQ(points.size(), 51u);
      Point x = points[0], state(x.size() * static_cast<std::size_t>(spec.state_vectors));
      for (long t = 1; t <= 50; ++t) {
        const Point gradient = problem == "rosenbrock" ? rosenbrock_gradient(x) : quadratic_gradient(x);
        spec.step(values, recording["lr"], t, gradient, x, state);
        Point difference = x;
        for (std::size_t i = 0; i < x.size(); ++i) difference[i] -= points[static_cast<std::size_t>(t)][i];
        const double relative = largest(difference) / largest(points[static_cast<std::size_t>(t)]);
        ASSERT_LE(relative, 1e-12) << spec.name << " " << problem << " " << recording["settings"] << " step " << t;
        worst = std::max(worst, relative);
      }
      const std::string fault = state_fault(spec, values, state, recording["state"]);
      EXPECT_EQ(fault, "") << spec.name << " " << problem << " " << recording["settings"];
    }
    EXPECT_EQ(problems.size(), 2u) << spec.name;
    for (const Hyperparameter& h : spec.hyperparameters)
      EXPECT_TRUE(moved.contains(h.name)) << spec.name << ": no recording moves " << h.name << " from its default";
  }
  RecordProperty("worst_relative_difference", std::to_string(worst * 1e15) + "e-15");
}

}  // namespace
}  // namespace etamax
