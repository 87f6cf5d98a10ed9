#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/dynamics/local_theory.h"

namespace etamax {

/// The objective that an optimizer with L2 weight decay d really descends: f + d |x|^2 / 2. Its value stays
/// f's own where losses are shown; its gradient, Hessian and minimizer are those that decide the run.
class DecayedFunction final : public Differentiable {
 public:
  DecayedFunction(const Differentiable& objective, double decay) : objective_(objective), decay_(decay) {}
  int dimension() const override { return objective_.dimension(); }
  double value(std::span<const double> x) const override;
  void gradient(std::span<const double> x, std::span<double> gradient) const override;
  void hessian(std::span<const double> x, std::span<double> hessian) const override;
  std::optional<DomainFault> domain_fault(std::span<const double> x) const override {
    return objective_.domain_fault(x);
  }
  bool pole_between(std::span<const double> a, std::span<const double> b) const override {
    return objective_.pole_between(a, b);
  }
  bool in_range(std::span<const double> x) const override { return objective_.in_range(x); }

 private:
  const Differentiable& objective_;
  double decay_;
};

/// An optimizer on an objective from a start, and what does not depend on the learning rate: where small ones
/// lead, and the linear law there. The objective and the optimizer must outlive it.
struct Experiment {
  /// `progress` is asked while it is found where small rates lead (descend). Throws Interrupted.
  Experiment(const Differentiable& objective, std::vector<double> start, const OptimizerSpec& optimizer,
             HyperparameterValues values, Cost& cost, const Progress& progress = {});
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  const Differentiable& objective;
  const std::vector<double> start;
  const OptimizerSpec& optimizer;
  const HyperparameterValues values;
  const DecayedFunction decayed;  ///< with the optimizer's L2 decay, where it has one
  const double decoupled_decay;   ///< a pull toward 0 that is no part of `decayed`, as of adamw; 0 where there is none
  const Descent descent;          ///< of `decayed`
  /// The optimizer's own schedule takes the learning rate to 0, as adagrad's lr_decay does: where the slopes stay what
  /// they are, its steps add up to a finite way.
  const bool rate_decays;
  const LocalTheory theory;
};

}  // namespace etamax
