// Over the whole table: the edge from the recurrence, from the closed form and from simulating the real step agree.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

using Settings = std::vector<std::pair<std::string, double>>;

std::vector<Settings> settings_of(const OptimizerSpec& spec) {
  if (spec.name == "sgd")
    return {{}, {{"momentum", 0.5}}, {{"momentum", 0.9}}, {{"momentum", 0.9}, {"nesterov", 1}},
            {{"momentum", 0.9}, {"dampening", 0.3}}, {{"weight_decay", 0.5}}, {{"momentum", 0.9}, {"weight_decay", 0.5}}};
  return {{}};
}

/// Whether the real step, from a generic start, ends smaller than it began on f = curvature x^2 / 2.
bool shrinks(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double curvature) {
  std::vector<double> x = {1}, g(1), state(static_cast<std::size_t>(spec.state_vectors));
  double log_size = 0;
  constexpr long kSteps = 400000;
  double early = 0;
  for (long t = 1; t <= kSteps; ++t) {
    g[0] = curvature * x[0];
    spec.step(values, lr, t, g, x, state);
    double size = std::abs(x[0]);
    for (double s : state) size = std::max(size, std::abs(s) / curvature);
    if (size > 1e6 || size < 1e-6) {
      log_size += std::log(size);
      x[0] /= size;
      for (double& s : state) s /= size;
    }
    if (t == kSteps / 2) early = log_size + std::log(std::abs(x[0]) + 1e-300);
  }
  return log_size + std::log(std::abs(x[0]) + 1e-300) < early;
}

TEST(Edges, RecurrenceEqualsClosedFormEqualsSimulation) {
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence || spec.preconditioner) continue;
    for (const Settings& settings : settings_of(spec)) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      const double decay = spec.gradient_decay ? spec.gradient_decay(values) : 0;
      for (const double curvature : {1e-3, 2.0, 7e4}) {
        const auto edge = stability_edge(spec, values, curvature + decay);
        ASSERT_TRUE(edge) << spec.name;
        EXPECT_NEAR(*edge / spec.closed_form_edge(values, curvature + decay), 1, 1e-9) << spec.name;
        EXPECT_TRUE(shrinks(spec, values, *edge * (1 - 1e-4), curvature)) << spec.name << " at " << curvature;
        EXPECT_FALSE(shrinks(spec, values, *edge * (1 + 1e-4), curvature)) << spec.name << " at " << curvature;
      }
    }
  }
}

TEST(Edges, NoneWithoutPositiveCurvature) {
  const OptimizerSpec& gd = find_optimizer("gd");
  EXPECT_FALSE(stability_edge(gd, hyperparameter_values(gd, {}), 0));
  EXPECT_FALSE(stability_edge(gd, hyperparameter_values(gd, {}), -1));
}

TEST(Edges, FastestRateOfGradientDescent) {
  const OptimizerSpec& gd = find_optimizer("gd");
  EXPECT_NEAR(*fastest_rate(gd, hyperparameter_values(gd, {}), 1, 100), 2.0 / 101, 1e-9);
}

TEST(Edges, EveryMemberDescribesItself) {
  for (const OptimizerSpec& spec : optimizers()) {
    EXPECT_FALSE(spec.summary.empty()) << spec.name;
    EXPECT_FALSE(spec.citation.empty()) << spec.name;
    EXPECT_TRUE(spec.recurrence || !spec.no_recurrence_reason.empty()) << spec.name;
    EXPECT_FALSE(spec.update_text(hyperparameter_values(spec, {})).empty()) << spec.name;
  }
}

std::string refusal(const std::string& name, const Settings& settings) {
  try {
    hyperparameter_values(find_optimizer(name), settings);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST(Refusals, NameTheHyperparameterTheValueAndTheRange) {
  EXPECT_NE(refusal("sgd", {{"momentum", 1}}).find("sgd: momentum = 1 is not in [0, 1)"), std::string::npos);
  EXPECT_NE(refusal("sgd", {{"momentun", 0.9}}).find("did you mean 'momentum'"), std::string::npos);
  EXPECT_NE(refusal("sgd", {{"nesterov", 1}}).find("needs momentum > 0"), std::string::npos);
  EXPECT_NE(refusal("sgdd", {}).find("did you mean 'sgd'"), std::string::npos);
  EXPECT_NE(refusal("sgd", {{"momentum", std::nan("")}}), "");
}

}  // namespace
}  // namespace etamax
