// The files that docs/adding-things.md shows are taken from that page, compiled, and do what the page says.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace rules {
OptimizerSpec averaged();
}
namespace objectives {
ObjectiveSpec booth();
}
namespace {

/// The largest |x| in the last 50 of 3,000 steps of the rule from x = 1 on lambda x^2 / 2.
double distance_after_steps(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  constexpr long kSteps = 3000;
  std::vector<double> x = {1}, g(1), state(static_cast<std::size_t>(spec.state_vectors));
  double largest = 0;
  for (long t = 1; t <= kSteps; ++t) {
    g[0] = lambda * x[0];
    spec.step(values, lr, t, g, x, state);
    if (t > kSteps - 50) largest = std::max(largest, std::abs(x[0]));
  }
  return largest;
}

TEST(WorkedExample, TheOptimizersThreeEdgesAgree) {
  const OptimizerSpec spec = rules::averaged();
  std::vector<Settings> all = spec.examples;
  all.push_back({});
  for (const Settings& settings : all) {
    const HyperparameterValues values = hyperparameter_values(spec, settings);
    for (const double lambda : {0.01, 2.0, 300.0}) {
      const auto edge = stability_edge(spec, values, lambda);
      ASSERT_TRUE(edge);
      EXPECT_NEAR(*edge / spec.closed_form_edge(values, lambda), 1, 1e-9) << "share " << values[0];
      EXPECT_LT(distance_after_steps(spec, values, *edge * 0.99, lambda), 1e-3) << "share " << values[0];
      EXPECT_GT(distance_after_steps(spec, values, *edge * 1.01, lambda), 1e3) << "share " << values[0];
    }
  }
}

TEST(WorkedExample, TheObjectiveHasItsMinimumWhereItSays) {
  const NamedExpression booth = objectives::booth().make({});
  const Function f(booth.expression, booth.variables);
  const std::array<double, 2> minimum = {1, 3};
  std::array<double, 2> gradient{};
  f.gradient(minimum, gradient);
  EXPECT_EQ(f.value(minimum), 0);
  EXPECT_EQ(gradient[0], 0);
  EXPECT_EQ(gradient[1], 0);
}

}  // namespace
}  // namespace etamax
