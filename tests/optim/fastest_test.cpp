// The fastest constant rate against published optima.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/optim/optimizer.h"
#include "frozen_step.h"

namespace etamax {
namespace {

const std::vector<double> kConditions = {1, 1 + 1e-9, 1.5, 10, 1e3, 1e5, 1e8};

struct Quadratic {
  const OptimizerSpec& spec;
  HyperparameterValues values;
  double flattest, sharpest;
  Quadratic(const char* name, const Settings& settings, double condition, double lambda_max = 7)
      : spec(find_optimizer(name)),
        values(hyperparameter_values(spec, settings)),
        flattest(lambda_max / condition),
        sharpest(lambda_max) {}
  double fastest() const { return fastest_rate(spec, values, flattest, sharpest).value(); }
  double worst(double lr) const {
    return std::max(spectral_radius(spec, values, lr, flattest), spectral_radius(spec, values, lr, sharpest));
  }
};

/// Every rule with one term: 2 / (lambda_min + lambda_max).
TEST(FastestRate, GradientDescent) {
  for (const double condition : kConditions)
    for (const double scale : {1e-290, 7.0, 1e290}) {
      const Quadratic q("gd", {}, condition, scale);
      EXPECT_NEAR(q.fastest() * (q.flattest + q.sharpest), 2, 1e-14) << condition;
    }
}

/// Polyak's optimum: at momentum ((sqrt k - 1)/(sqrt k + 1))^2 the rate 4 / (sqrt l + sqrt L)^2, with the
/// factor (sqrt k - 1)/(sqrt k + 1). Lessard, Recht & Packard, SIAM J. Optim. 26(1), 2016, section 4.
TEST(FastestRate, HeavyBallAtItsBestMomentum) {
  for (const double condition : kConditions) {
    const double factor = (std::sqrt(condition) - 1) / (std::sqrt(condition) + 1);
    const Quadratic q("sgd", {{"momentum", factor * factor}}, condition);
    const double lr = q.fastest();
    EXPECT_NEAR(lr * std::pow(std::sqrt(q.flattest) + std::sqrt(q.sharpest), 2), 4, 4e-8) << condition;
    EXPECT_NEAR(q.worst(lr), factor, 1e-7) << condition;  // a double eigenvalue: 1e-8
  }
}

/// Any momentum too small for the condition: the two ends are equally fast at 2 (1 + momentum) / (l + L).
TEST(FastestRate, HeavyBallWithLittleMomentum) {
  for (const double momentum : {0.1, 0.5, 0.9})
    for (const double condition : {1e4, 1e6, 1e8}) {
      const Quadratic q("sgd", {{"momentum", momentum}}, condition);
      EXPECT_NEAR(q.fastest() * (q.flattest + q.sharpest) / (1 + momentum), 2, 1e-13) << momentum << " " << condition;
    }
}

/// More momentum than the condition needs: the factor is sqrt(momentum) from (1 - sqrt m)^2 / l to (1 + sqrt
/// m)^2 / L, and the middle of that interval is taken.
TEST(FastestRate, HeavyBallWithMuchMomentum) {
  for (const double momentum : {0.5, 0.9, 0.99})
    for (const double condition : {1.0, 1.5, 10.0}) {
      const double root = std::sqrt(momentum);
      const Quadratic q("sgd", {{"momentum", momentum}}, condition);
      const double middle = (std::pow(1 - root, 2) / q.flattest + std::pow(1 + root, 2) / q.sharpest) / 2;
      EXPECT_NEAR(q.fastest() / middle, 1, 1e-9) << momentum << " " << condition;
      EXPECT_NEAR(q.worst(q.fastest()), root, 1e-14);
    }
}

/// Nesterov's optimum on quadratics: momentum (r - 2)/(r + 2), rate 4 / (3 L + l), factor 1 - 2 / r, r =
/// sqrt(3 k + 1). Lessard, Recht & Packard, SIAM J. Optim. 26(1), 2016, section 4.
TEST(FastestRate, NesterovAtItsBestMomentum) {
  for (const double condition : {1.5, 10.0, 1e3, 1e5, 1e8}) {
    const double r = std::sqrt(3 * condition + 1);
    const Quadratic q("sgd", {{"momentum", (r - 2) / (r + 2)}, {"nesterov", 1}}, condition);
    EXPECT_NEAR(q.fastest() * (3 * q.sharpest + q.flattest), 4, 1e-7) << condition;
    EXPECT_NEAR(q.worst(q.fastest()), 1 - 2 / r, 1e-7) << condition;
  }
}

/// One curvature: Nesterov's step lands at lr = 1 / lambda, as plain descent does.
TEST(FastestRate, NesterovOnOneCurvature) {
  const Quadratic q("sgd", {{"momentum", 0.9}, {"nesterov", 1}}, 1);
  EXPECT_NEAR(q.fastest() * q.sharpest, 1, 1e-12);
}

/// Against a plain scan of 20,000 rates, for the whole table.
TEST(FastestRate, NoOtherRateIsFaster) {
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    for (const Settings& settings : settings_of(spec))
      for (const double condition : {1.0, 1.01, 30.0, 1e4}) {
        const Quadratic q(spec.name.c_str(), settings, condition);
        const double edge = *stability_edge(spec, q.values, q.sharpest), best = q.worst(q.fastest());
        EXPECT_LT(q.fastest(), edge);
        for (int k = 1; k < 20000; ++k)
          ASSERT_LE(best, q.worst(edge * k / 20000) * (1 + 1e-12)) << describe(spec, q.values) << " " << condition;
      }
  }
}

TEST(FastestRate, NoneWithoutPositiveCurvature) {
  const OptimizerSpec& gd = find_optimizer("gd");
  const HyperparameterValues values = hyperparameter_values(gd, {});
  EXPECT_FALSE(fastest_rate(gd, values, 0, 1));
  EXPECT_FALSE(fastest_rate(gd, values, -1, 1));
  EXPECT_FALSE(fastest_rate(gd, values, -2, -1));
}

}  // namespace
}  // namespace etamax
