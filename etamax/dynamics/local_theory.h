#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etamax/core/differentiable.h"
#include "etamax/dynamics/descent.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// A spectral radius nearer to 1 than this is not told from 1.
inline constexpr double kRadiusOne = 1e-9;

/// What the linearized step says about an optimizer at the minimum that a descent has found. Where it does
/// not apply, `reason` says why, and nothing else may be asked.
class LocalTheory {
 public:
  /// `objective` includes the optimizer's L2 decay (DecayedFunction); `descent` is its. All must outlive the
  /// theory.
  LocalTheory(const Differentiable& objective, const Descent& descent, const OptimizerSpec& optimizer,
              const HyperparameterValues& values);

  /// The same optimizer at the end of another descent of the same objective.
  LocalTheory at(const Descent& descent) const { return {*objective_, descent, *optimizer_, *values_}; }
  LocalTheory at(Descent&&) const = delete;  // it is kept by reference

  bool applies() const { return reason_.empty(); }
  const std::string& reason() const { return reason_; }
  const Differentiable& objective() const { return *objective_; }

  /// The worst spectral radius over all directions. Below 1: the minimum attracts. Above: nearly every start
  /// is repelled.
  double radius(double lr) const;
  /// Whether what is beside the minimum stays as near to it: the steepest direction contracts and none grows. Along a
  /// valley of minima the factor is 1, to rounding.
  bool holds(double lr) const;
  /// The factor per step along eigenvector i, in the long run: with its sign, but where a memory makes it complex, then
  /// its size.
  double multiplier(std::size_t i, double lr) const;
  /// The largest stable learning rate: smallest over all directions. None: the steepest direction has no
  /// curvature.
  std::optional<double> edge() const;
  /// The rate with the best worst contraction. None where a direction has no curvature.
  std::optional<double> fastest() const;

  /// How far the gradient at x strays from the linear law H (x - minimizer), relative to it, in the Euclidean
  /// norm.
  double nonlinearity(std::span<const double> x) const;
  /// x - minimizer, less its part along directions that do not grow at this rate.
  std::vector<double> growing_part(std::span<const double> x, double lr) const;
  /// Where so many steps without a memory lead from x.
  std::vector<double> after(std::span<const double> x, double lr, double steps) const;

 private:
  /// The coordinate of x along eigenvector i, from the minimizer.
  double along(std::size_t i, std::span<const double> x) const;
  double lambda(std::size_t i) const { return descent_->eigenvalues[i]; }

  const Differentiable* objective_;
  const Descent* descent_;
  const OptimizerSpec* optimizer_;
  const HyperparameterValues* values_;
  std::string reason_;
};

}  // namespace etamax
