#include "etamax/dynamics/limit_law.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <limits>

#include "etamax/dynamics/detail_eigen.h"

namespace etamax {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// What divides the steps when the slopes have vanished; 1 of optimizers that divide by nothing.
detail::Vector divisor(const Experiment& experiment, const Stepper& stepper) {
  constexpr long kLate = 1000000000;  // bias corrections are 1 by then
  const OptimizerSpec& optimizer = experiment.optimizer;
  detail::Vector p = detail::Vector::Ones(static_cast<Eigen::Index>(stepper.x.size()));
  if (!optimizer.preconditioner) return p;
  const std::vector<double> forgotten(stepper.state.size(), 0.0);
  const bool forgets = optimizer.preconditioner_memory != nullptr;
  optimizer.preconditioner(experiment.values, forgets ? kLate : stepper.step(), forgets ? forgotten : stepper.state,
                           {p.data(), stepper.x.size()});
  return p;
}

/// The eigenvalues of P^-1/2 H P^-1/2, ascending; H from its own at the end of the descent.
detail::Vector divided_curvatures(const Descent& end, const detail::Vector& p) {
  const Eigen::Index n = p.size();
  detail::Matrix hessian = detail::Matrix::Zero(n, n);
  for (std::size_t i = 0; i < end.eigenvalues.size(); ++i) {
    const detail::Vector v = detail::vector_of(end.vectors[i]);
    hessian += end.eigenvalues[i] * v * v.transpose();
  }
  const detail::Vector root = p.cwiseSqrt().cwiseInverse();
  const detail::Matrix divided = root.asDiagonal() * hessian * root.asDiagonal();
  return Eigen::SelfAdjointEigenSolver<detail::Matrix>(divided, Eigen::EigenvaluesOnly).eigenvalues();
}

}  // namespace

std::optional<LimitLaw> limit_law(const Experiment& experiment, const Stepper& stepper, const Descent& end) {
  const OptimizerSpec& optimizer = experiment.optimizer;
  if (!optimizer.recurrence || end.outcome != DescentOutcome::minimum || !end.may_attract() || !end.even_curvature ||
      end.eigenvalues.empty())
    return {};
  const detail::Vector p = divisor(experiment, stepper);
  if (!(p.minCoeff() > 0))
    return end.eigenvalues.back() > 0 ? std::optional(LimitLaw{kInfinite, kInfinite, 0}) : std::nullopt;
  const detail::Vector lambda =
      optimizer.preconditioner ? divided_curvatures(end, p) : detail::vector_of(end.eigenvalues);
  LimitLaw law;
  const double scale = optimizer.lr_scale ? optimizer.lr_scale(experiment.values, stepper.step() + 1) : 1;
  for (const double curvature : lambda) {
    law.steepest = spectral_radius(optimizer, experiment.values, scale * stepper.lr(), curvature);
    law.radius = std::max(law.radius, law.steepest);
  }
  if (const auto edge = stability_edge(optimizer, experiment.values, lambda[lambda.size() - 1]))
    law.edge = *edge / scale;
  return law;
}

}  // namespace etamax
