// Over the whole table: the edge from the recurrence, from the closed form and from simulating the real step
// agree.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "etamax/optim/optimizer.h"
#include "frozen_step.h"

namespace etamax {
namespace {

/// How much the logarithm of the size changes over 1000 steps, once the faster eigenvalues have died out.
/// Below the edge eigenvalues may be complex, so the largest size of a window is taken, not that of one step.
double log_growth(const OptimizerSpec& spec, const HyperparameterValues& values, double curvature, double lr) {
  FrozenStep run(spec, values, curvature);
  const auto largest_of_next = [&](int steps) {
    double largest = -INFINITY;
    for (int k = 0; k < steps; ++k) {
      run.advance(lr);
      largest = std::max(largest, run.log_size());
      run.rescale();
    }
    return largest;
  };
  for (int k = 0; k < 3000; ++k) run.advance(lr), run.rescale();
  const double before = largest_of_next(200);
  if (std::isinf(before)) return -INFINITY;  // it has landed on the minimum
  largest_of_next(800);
  return largest_of_next(200) - before;
}

TEST(Edges, RecurrenceEqualsClosedFormEqualsSimulation) {
  double worst = 0;
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    ASSERT_TRUE(spec.closed_form_edge && spec.edge_formula) << spec.name;
    for (const Settings& settings : settings_of(spec)) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      for (const double curvature : {1e-3, 2.0, 7e4}) {
        SCOPED_TRACE(describe(spec, values) + " at curvature " + std::to_string(curvature));
        const double lambda = FrozenStep(spec, values, curvature).lambda();
        const auto edge = stability_edge(spec, values, lambda);
        ASSERT_TRUE(edge);
        EXPECT_NEAR(*edge / spec.closed_form_edge(values, lambda), 1, 1e-14);
        // The simulation knows nothing of the edge: it begins from eight decades around 1 / lambda.
        double stable = 1e-4 / lambda, unstable = 1e4 / lambda;
        ASSERT_LT(log_growth(spec, values, curvature, stable), 0);
        ASSERT_GT(log_growth(spec, values, curvature, unstable), 0);
        while (unstable / stable - 1 > 1e-9) {
          const double middle = std::sqrt(stable * unstable);
          (log_growth(spec, values, curvature, middle) < 0 ? stable : unstable) = middle;
        }
        EXPECT_NEAR(stable / *edge, 1, 1e-8);
        worst = std::max(worst, std::abs(stable / *edge - 1));
      }
    }
  }
  RecordProperty("worst_relative_difference", std::to_string(worst * 1e9) + "e-9");
}

/// Each hyperparameter in turn at the far end of its range, the others as in each example.
TEST(Edges, NearTheLimits) {
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    for (const Settings& example : settings_of(spec))
      for (const Hyperparameter& h : spec.hyperparameters) {
        std::vector<double> extremes;
        if (!h.is_flag && h.range.high == 1) extremes = {0.999999, 1 - 1e-12, std::nextafter(1.0, 0.0)};
        if (std::isinf(h.range.high)) extremes = {1e-12, 1e6};
        for (const double extreme : extremes) {
          Settings settings = example;
          settings.emplace_back(h.name, extreme);
          if (h.name == "dampening") settings.emplace_back("nesterov", 0);
          const HyperparameterValues values = hyperparameter_values(spec, settings);
          for (int exponent = -300; exponent <= 300; exponent += 25) {
            const double lambda = std::pow(10.0, exponent);
            const double expected = spec.closed_form_edge(values, lambda);
            const auto edge = stability_edge(spec, values, lambda);
            ASSERT_EQ(edge.has_value(), std::isfinite(expected)) << describe(spec, values) << " at " << lambda;
            if (edge) {
              ASSERT_NEAR(*edge / expected, 1, 1e-14) << describe(spec, values) << " at " << lambda;
            }
          }
        }
      }
  }
}

TEST(Edges, NoneWithoutPositiveCurvature) {
  for (const OptimizerSpec& spec : optimizers())
    for (const double lambda : {0.0, -1e-300, -1.0, -1e300, std::nan("")})
      EXPECT_FALSE(stability_edge(spec, hyperparameter_values(spec, {}), lambda)) << spec.name << " at " << lambda;
}

TEST(Edges, NoneForSignMethods) {
  for (const char* name : {"signsgd", "lion"}) {
    const OptimizerSpec& spec = find_optimizer(name);
    EXPECT_FALSE(stability_edge(spec, hyperparameter_values(spec, {}), 1)) << name;
    EXPECT_FALSE(fastest_rate(spec, hyperparameter_values(spec, {}), 1, 2)) << name;
  }
}

/// What lion's no_recurrence_reason says: bounded on any curvature, unless the decay alone overshoots.
TEST(Edges, LionDivergesOnlyByItsDecay) {
  const OptimizerSpec& lion = find_optimizer("lion");
  const HyperparameterValues values = hyperparameter_values(lion, {{"weight_decay", 1}});
  const auto farthest = [&](double lr) {
    std::vector<double> x = {1}, m = {0};
    for (long t = 1; t <= 20000; ++t) {
      const std::array<double, 1> g = {1e6 * x[0]};
      lion.step(values, lr, t, g, x, m);
    }
    return std::abs(x[0]);
  };
  EXPECT_LT(farthest(1.999), 1e4);
  EXPECT_GT(farthest(2.001), 1e6);
  EXPECT_EQ(farthest(2), 1 + 2 * 20000);  // by as much at each step
}

TEST(Edges, NesterovCutsTheEdgeOfMomentum) {
  const OptimizerSpec& sgd = find_optimizer("sgd");
  EXPECT_NEAR(*stability_edge(sgd, hyperparameter_values(sgd, {{"momentum", 0.9}}), 1), 3.8, 1e-14);
  EXPECT_NEAR(*stability_edge(sgd, hyperparameter_values(sgd, {{"momentum", 0.9}, {"nesterov", 1}}), 1), 3.8 / 2.8,
              1e-14);
}

/// Adam's 38 / lr: Cohen et al., Adaptive gradient methods at the edge of stability, arXiv 2207.14484.
TEST(Edges, AdamAtItsDefaultsAllows38) {
  const OptimizerSpec& adam = find_optimizer("adam");
  EXPECT_NEAR(*stability_edge(adam, hyperparameter_values(adam, {}), 1), 38, 1e-12);
}

/// A rule outside the table with a longer recurrence: descent along a gradient two steps old, x_{t+1} = x_t -
/// h x_{t-2}. z^3 - z^2 + h reaches the unit circle at a complex pair, at h = 2 sin(pi / 10), the golden
/// ratio's inverse.
TEST(Edges, ThreeTermRecurrence) {
  OptimizerSpec delayed;
  delayed.recurrence = [](const HyperparameterValues&, double lr, double lambda) -> Eigen::MatrixXd {
    Eigen::Matrix3d matrix;
    matrix << 1, 0, -lr * lambda, 1, 0, 0, 0, 1, 0;
    return matrix;
  };
  for (const double lambda : {1e-300, 1.0, 3e5, 1e300})
    EXPECT_NEAR(*stability_edge(delayed, {}, lambda) * lambda, (std::sqrt(5.0) - 1) / 2, 1e-13);
}

TEST(Table, EveryMemberDescribesItself) {
  for (const OptimizerSpec& spec : optimizers()) {
    EXPECT_FALSE(spec.summary.empty()) << spec.name;
    EXPECT_FALSE(spec.citation.empty()) << spec.name;
    EXPECT_NE(spec.recurrence != nullptr, !spec.no_recurrence_reason.empty()) << spec.name;
    EXPECT_FALSE(spec.assignments.empty()) << spec.name;
    for (const Hyperparameter& h : spec.hyperparameters) {
      EXPECT_FALSE(h.summary.empty()) << spec.name << " " << h.name;
      bool moved = false;
      for (const Settings& example : spec.examples)
        for (const auto& [name, value] : example) moved |= name == h.name && value != h.default_value;
      EXPECT_TRUE(moved) << spec.name << ": no example moves " << h.name;
    }
  }
}

}  // namespace
}  // namespace etamax
