#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/dynamics/local_theory.h"

namespace etamax {

/// The objective that an optimizer with L2 weight decay d really descends: f + d |x|^2 / 2. Its value stays
/// f's own where losses are shown; its gradient, Hessian and minimizer are those that decide the run.
class DecayedObjective final : public Objective {
 public:
  DecayedObjective(const Objective& objective, double decay) : objective_(objective), decay_(decay) {}
  int dimension() const override { return objective_.dimension(); }
  double value(std::span<const double> x) const override;
  void gradient(std::span<const double> x, std::span<double> gradient) const override;
  void hessian(std::span<const double> x, std::span<double> hessian) const override;
  std::optional<DomainFault> domain_fault(std::span<const double> x) const override {
    return objective_.domain_fault(x);
  }

 private:
  const Objective& objective_;
  double decay_;
};

/// An optimizer on an objective from a start, and what does not depend on the learning rate: where small ones
/// lead, and the linear law there. The objective and the optimizer must outlive it.
struct Problem {
  Problem(const Objective& objective, std::vector<double> start, const OptimizerSpec& optimizer,
          HyperparameterValues values, Cost& cost);
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  const Objective& objective;
  const std::vector<double> start;
  const OptimizerSpec& optimizer;
  const HyperparameterValues values;
  const DecayedObjective decayed;  ///< with the optimizer's L2 decay, where it has one
  const Descent descent;           ///< of `decayed`
  const LocalTheory theory;
};

}  // namespace etamax
