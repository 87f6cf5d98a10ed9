#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/problem/batches.h"
#include "etamax/problem/problem.h"

/// The problem interface (etamax/problem) on objects of Python: what `etamax._torch` implements. Python's lock is held
/// wherever one of these is used.
namespace etamax::python {

/// `etamax._torch.objective.Objective`.
class PythonObjective final : public Objective, public Examples {
 public:
  explicit PythonObjective(pybind11::object f);
  ~PythonObjective() override;
  PythonObjective(const PythonObjective&) = delete;
  PythonObjective& operator=(const PythonObjective&) = delete;

  std::size_t dim() const override { return blocks_.empty() ? 0 : blocks_.back().to; }
  const std::vector<ParameterBlock>& blocks() const override { return blocks_; }
  double loss() override;
  LossAndGradient loss_and_gradient() override;
  void apply(const Vector& in, Vector& out) override;
  void apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) override;
  ProductPrice product_price() const override;
  std::string why_no_matrix(MatrixKind kind) const override;
  Vector parameters() const override;
  void set_parameters(const Vector& parameters) override;
  Vector random_normal(std::uint64_t seed) const override;
  Examples* examples() override { return this; }
  std::optional<double> baseline() const override;
  bool outputs_are_all_the_same() override;
  double roundoff() const override { return roundoff_; }
  std::unique_ptr<Objective> in_64_bit() override;

  std::int64_t count() const override { return count_; }
  Rows shuffled(std::uint64_t seed) const override;
  std::unique_ptr<Objective> objective_on(const Rows& rows) override;
  std::vector<double> losses() override;
  std::int64_t least_batch() const override { return least_batch_; }
  std::vector<double> curvatures(const Vector& v) override;
  LossAndGradient batch_gradient(const Rows& rows) override;
  Vector batch_product(const Rows& rows, const Vector& v) override;

  const pybind11::object& object() const { return f_; }
  /// For work on the objective that is done elsewhere: an optimizer's own steps.
  void count_gradient() { ++cost_.gradients; }

 private:
  pybind11::object f_;
  std::vector<ParameterBlock> blocks_;
  std::int64_t count_ = 0, least_batch_ = 1;
  mutable std::optional<std::optional<double>> baseline_;  ///< once it was asked for
  double roundoff_ = 0;
};

/// `etamax._torch.problem.Problem`.
class PythonProblem final : public Problem {
 public:
  PythonProblem(pybind11::object problem, Optimizer optimizer);

  PythonObjective& objective() override { return objective_; }
  Objective* validation() override { return validation_.get(); }
  const Optimizer& optimizer() const override { return optimizer_; }
  ProblemDescription description() const override;
  Vector start(std::uint64_t seed) override;
  const OptimizerState* optimizer_state() const override { return state_ ? &*state_ : nullptr; }
  const Vector* lr_shares() override { return lr_shares_ ? &*lr_shares_ : nullptr; }
  std::unique_ptr<Run> run(const RunSettings& settings) override;
  ExampleSet* all_examples() override { return all_.get(); }
  std::int64_t example_in_data(std::int64_t i) const override;
  std::vector<InputColumn> input_columns() override;
  std::unique_ptr<Problem> standardized() override;

 private:
  pybind11::object problem_;
  Optimizer optimizer_;
  PythonObjective objective_;
  std::unique_ptr<Objective> validation_;
  std::unique_ptr<ExampleSet> all_;
  std::optional<OptimizerState> state_;
  std::optional<Vector> lr_shares_;
};

/// A rule of the table by its name, or one that the table does not know: then nothing is said of its edge, for that
/// reason. Each rule that is not known is kept for the process's life.
Optimizer optimizer_of(const std::string& name, const Settings& settings, const std::string& unknown_because);

/// The diagonal by which the rule divides the gradient, from its state (vectors, steps); None where it does not.
/// `like`: the parameters.
pybind11::object preconditioner_of(const Optimizer& optimizer, const pybind11::object& like,
                                   const pybind11::object& state);

}  // namespace etamax::python
