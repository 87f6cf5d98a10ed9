// What holds for every rule of the table, whatever its hyperparameters and the curvature.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <cstdlib>

#include "etamax/core/error.h"
#include "etamax/optim/optimizer.h"
#include "frozen_step.h"

namespace etamax {
namespace {

/// The same cases every time, unless the environment asks for others: RC_PARAMS="seed=2 max_success=10000".
const int kSameCases = setenv("RC_PARAMS", "seed=1", 0);

double uniform(double low, double high) { return low + (high - low) * *rc::gen::inRange(0, 1'000'001) * 1e-6; }

double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }

/// Each hyperparameter at its default a third of the time, else anywhere in its range, short of its ends.
HyperparameterValues any_values(const OptimizerSpec& spec) {
  Settings settings;
  for (const Hyperparameter& h : spec.hyperparameters) {
    if (*rc::gen::inRange(0, 3) == 0) continue;
    const double value = h.is_flag                  ? *rc::gen::inRange(0, 2)
                         : std::isinf(h.range.high) ? log_uniform(1e-3, 1e3)
                                                    : uniform(h.range.low + 1e-3, h.range.high - 1e-3);
    settings.emplace_back(h.name, value);
  }
  try {
    return hyperparameter_values(spec, settings);
  } catch (const InputError&) {  // a combination that the rule's check refuses
    return hyperparameter_values(spec, {});
  }
}

template <typename Property>
void for_every_rule(Property property) {
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    const HyperparameterValues values = any_values(spec);
    RC_LOG() << describe(spec, values) << "\n";
    property(spec, values);
  }
}

/// By the eigenvalue solver, which the edge itself does not use for these rules.
double eigenvalue_radius(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  const Eigen::MatrixXd matrix = spec.recurrence(values, lr, lambda);
  return Eigen::EigenSolver<Eigen::MatrixXd>(matrix, false).eigenvalues().cwiseAbs().maxCoeff();
}

double trace(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  return spec.recurrence(values, lr, lambda).trace();
}

double determinant(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  const Eigen::MatrixXd a = spec.recurrence(values, lr, lambda);
  return a.rows() == 1 ? 0 : a(0, 0) * a(1, 1) - a(0, 1) * a(1, 0);
}

RC_GTEST_PROP(Recurrence, IsWhatTheRealStepObeys, ()) {
  const double curvature = log_uniform(1e-6, 1e6), fraction = log_uniform(1e-3, 10);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    FrozenStep run(spec, values, curvature);
    const double lr = fraction * spec.closed_form_edge(values, run.lambda());
    const double a1 = trace(spec, values, lr, run.lambda()), a0 = determinant(spec, values, lr, run.lambda());
    double before = run.x();
    run.advance(lr);
    double now = run.x();
    for (int k = 0; k < 4; ++k) {
      run.advance(lr);
      const double size = std::abs(a1 * now) + std::abs(a0 * before) + std::abs(now);
      RC_ASSERT(std::abs(run.x() - (a1 * now - a0 * before)) <= 1e-10 * size);
      before = now, now = run.x();
    }
  });
}

RC_GTEST_PROP(Edge, IsStableBelowAndUnstableAbove, ()) {
  const double lambda = log_uniform(1e-100, 1e100);
  const double below = uniform(1e-3, 1), above = log_uniform(1, 1e6);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    const double edge = stability_edge(spec, values, lambda).value();
    for (const double factor : {std::min(below, 1 - 1e-9), 1 - 1e-9})
      RC_ASSERT(eigenvalue_radius(spec, values, edge * factor, lambda) < 1);
    for (const double factor : {std::max(above, 1 + 1e-9), 1 + 1e-9})
      RC_ASSERT(eigenvalue_radius(spec, values, edge * factor, lambda) > 1);
    RC_ASSERT(std::abs(eigenvalue_radius(spec, values, edge, lambda) - 1) < 1e-10);
  });
}

/// Why there is one interval of stable rates: trace and determinant are affine in lr, so each Schur-Cohn
/// condition is a half-line. A rule that breaks this needs a search for windows in stability_edge.
RC_GTEST_PROP(Edge, TraceAndDeterminantAreAffineInTheRate, ()) {
  const double lambda = log_uniform(1e-100, 1e100), share = uniform(0, 1);
  const double first = log_uniform(1e-3, 1e3) / lambda, second = log_uniform(1e-3, 1e3) / lambda;
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    RC_ASSERT(spec.recurrence(values, first, lambda).rows() <= 2);
    for (const auto coefficient : {trace, determinant}) {
      const double a = coefficient(spec, values, first, lambda), b = coefficient(spec, values, second, lambda);
      const double between = coefficient(spec, values, first + share * (second - first), lambda);
      RC_ASSERT(std::abs(a + share * (b - a) - between) <= 1e-13 * (1 + std::abs(a) + std::abs(b)));
    }
  });
}

/// The units of the objective: c times the curvature (and c times a decoupled decay) allows 1 / c times the
/// rate.
RC_GTEST_PROP(Edge, ScalesInverselyWithCurvature, ()) {
  const double lambda = log_uniform(1e-50, 1e50), c = log_uniform(1e-50, 1e50);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    std::vector<double> scaled = values.values();
    for (std::size_t i = 0; i < scaled.size(); ++i)
      if (spec.hyperparameters[i].name == "weight_decay" && !spec.gradient_decay) scaled[i] *= c;
    const double edge = stability_edge(spec, values, lambda).value();
    RC_ASSERT(std::abs(stability_edge(spec, HyperparameterValues(scaled), c * lambda).value() * c / edge - 1) < 1e-13);
  });
}

RC_GTEST_PROP(Edge, FallsAsCurvatureGrows, ()) {
  const double lambda = log_uniform(1e-50, 1e50), sharper = lambda * log_uniform(1.001, 1e6);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    const double edge = *stability_edge(spec, values, lambda), lower = *stability_edge(spec, values, sharper);
    RC_ASSERT(lower <= edge);  // equal where a decoupled decay sets it
  });
}

/// Momentum raises the edge, except Nesterov's, which lowers it.
RC_GTEST_PROP(Edge, IsMonotoneInMomentum, ()) {
  const double low = uniform(1e-3, 0.9), high = uniform(low + 1e-3, 0.999), lambda = log_uniform(1e-50, 1e50);
  const auto edge = [&](const char* name, Settings settings) {
    const OptimizerSpec& spec = find_optimizer(name);
    return stability_edge(spec, hyperparameter_values(spec, settings), lambda).value();
  };
  RC_ASSERT(edge("sgd", {{"momentum", low}}) < edge("sgd", {{"momentum", high}}));
  RC_ASSERT(edge("rmsprop", {{"momentum", low}}) < edge("rmsprop", {{"momentum", high}}));
  RC_ASSERT(edge("adam", {{"beta1", low}}) < edge("adam", {{"beta1", high}}));
  RC_ASSERT(edge("sgd", {{"momentum", low}, {"nesterov", 1}}) > edge("sgd", {{"momentum", high}, {"nesterov", 1}}));
}

/// What fastest_rate rests on: between two curvatures no radius exceeds the larger of the two at the ends.
RC_GTEST_PROP(SpectralRadius, IsWorstAtTheEndsOfTheSpectrum, ()) {
  const double low = log_uniform(1e-6, 1), high = low * log_uniform(1, 1e6), middle = log_uniform(low, high);
  const double fraction = uniform(1e-3, 2);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    const double lr = fraction * stability_edge(spec, values, high).value();
    const double ends = std::max(spectral_radius(spec, values, lr, low), spectral_radius(spec, values, lr, high));
    RC_ASSERT(spectral_radius(spec, values, lr, middle) <= ends * (1 + 1e-7));  // 1e-8 at a double eigenvalue
  });
}

RC_GTEST_PROP(FastestRate, NoOtherRateIsFaster, ()) {
  const double low = log_uniform(1e-50, 1e50), high = low * log_uniform(1, 1e6), fraction = log_uniform(1e-8, 1);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    const auto worst = [&](double lr) {
      return std::max(spectral_radius(spec, values, lr, low), spectral_radius(spec, values, lr, high));
    };
    const double fastest = fastest_rate(spec, values, low, high).value();
    for (const double lr : {fraction * stability_edge(spec, values, high).value(), fastest * (1 - fraction / 10),
                            fastest * (1 + fraction / 10)})
      RC_ASSERT(worst(fastest) <= worst(lr) + 1e-7);  // 1e-8 at a double eigenvalue
  });
}

RC_GTEST_PROP(SpectralRadius, EqualsTheEigenvalueSolvers, ()) {
  const double lambda = log_uniform(1e-100, 1e100), h = log_uniform(1e-6, 1e6);
  for_every_rule([&](const OptimizerSpec& spec, const HyperparameterValues& values) {
    const double ours = spectral_radius(spec, values, h / lambda, lambda);
    RC_ASSERT(std::abs(ours / eigenvalue_radius(spec, values, h / lambda, lambda) - 1) < 1e-7);
  });
}

}  // namespace
}  // namespace etamax
