#pragma once

#include "etamax/optim/optimizer.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/problem.h"

namespace etamax {

/// A rule of the table at work on vectors of any kind. Its state has the type of `like`: the parameters', as PyTorch's
/// has, or 64 bit. The arithmetic of a step is in 64 bit.
class RuleStepper {
 public:
  RuleStepper(const Optimizer& optimizer, const Vector& like);

  /// One step in place.
  void step(double lr, Vector& parameters, const Vector& gradient);
  long steps() const { return state_.steps; }

  const OptimizerState& state() const { return state_; }
  /// As somebody's run left it. Throws std::invalid_argument where it has another number of vectors.
  void set_state(const OptimizerState& state);

  /// The diagonal P that divided the gradient in the last step, as Run::preconditioner, in 64 bit; none where the rule
  /// has none, or no step was made.
  std::optional<Vector> preconditioner() const;
  double lr_scale() const;

 private:
  Optimizer optimizer_;
  OptimizerState state_;
};

/// A training by a rule of the table, from the objective's present parameters.
class RuleRun final : public Run {
 public:
  /// `state`: the optimizer's at the start; null: as PyTorch begins.
  RuleRun(Objective& f, const Optimizer& optimizer, const RunSettings& settings, const OptimizerState* state = nullptr);
  Step step(double lr) override;
  void resume() override { f_.set_parameters(x_); }
  void move(const Vector& by) override { f_.set_parameters(x_.add_scaled(1, by)); }
  SavedRun save() const override;
  void restore(const SavedRun& saved) override;
  long steps() const override { return stepper_.steps() - steps_before_; }
  Vector parameters() const override { return x_; }
  std::optional<Vector> preconditioner() const override { return stepper_.preconditioner(); }
  double lr_scale() const override { return stepper_.lr_scale(); }

 private:
  Objective& f_;
  Vector x_;
  RuleStepper stepper_;
  long steps_before_;
  std::optional<double> clip_;
  Batches batches_;
};

}  // namespace etamax
