#pragma once

#include <optional>
#include <string>

#include "etamax/optim/optimizer.h"
#include "etamax/problem/objective.h"
#include "etamax/problem/run.h"

namespace etamax {

/// What a problem is called, for people.
struct ProblemDescription {
  std::string model = {}, data = {}, loss = {}, device = "cpu", dtype = "float64";
  std::vector<std::string> frozen = {}, unused = {};  ///< parameters that are not among the objective's
  std::vector<std::string> notes = {};                ///< sentences that an answer repeats
  std::string loss_basis = {};                        ///< why this loss, where it was guessed: a clause
};

/// One column of the inputs.
struct InputColumn {
  std::string name;
  double mean_square = 0;
};

struct RunSettings {
  std::int64_t batch_size = 0;      ///< 0: all examples
  std::uint64_t seed = 0;           ///< of the order of the examples
  bool from_state = true;           ///< begin with the problem's optimizer state, where it has one
  std::optional<double> clip = {};  ///< the most that a gradient's norm is: a longer one is shortened to it
};

/// What the verbs are asked about: an objective, the optimizer that trains it, and where its runs begin. Three
/// implementations: model/ (networks of LibTorch), function_problem.h (a typed function), dense.h (an operator of your
/// own).
///
/// A guest leaves no trace: when the problem is gone, whatever the caller lent it is as it was, to the bit.
class Problem {
 public:
  virtual ~Problem() = default;

  virtual Objective& objective() = 0;
  /// The objective on examples that are held out, at the same parameters as objective(). Null: none are.
  virtual Objective* validation() { return nullptr; }
  virtual const Optimizer& optimizer() const = 0;
  virtual ProblemDescription description() const { return {}; }

  /// The parameters that the run of this seed begins with.
  virtual Vector start(std::uint64_t) { return objective().parameters(); }
  /// An optimizer's state that was saved with the parameters; null: it begins as PyTorch does.
  virtual const OptimizerState* optimizer_state() const { return nullptr; }
  /// By what each parameter's learning rate is a multiple of the one that is asked about, in 64 bit: groups of
  /// parameters with rates of their own. Null: all by 1.
  virtual const Vector* lr_shares() { return nullptr; }
  /// A run from the objective's present parameters, by optimizer().
  virtual std::unique_ptr<Run> run(const RunSettings& settings);

  /// All examples, where the objective is on a sample of them; else null.
  virtual ExampleSet* all_examples() { return nullptr; }
  /// Which of all the examples the objective's example `i` is, both counted from 0: another where it is on a sample.
  virtual std::int64_t example_in_data(std::int64_t i) const { return i; }
  /// The inputs' columns; empty where they are no table, or are standardized already.
  virtual std::vector<InputColumn> input_columns() { return {}; }
  /// The same problem on standardized inputs: each column less its mean, over its standard deviation. Null where that
  /// means nothing. This problem rests while that one lives.
  virtual std::unique_ptr<Problem> standardized() { return nullptr; }
};

/// Writes what an answer says of its problem: names, optimizer, sizes.
template <typename Answer>
void describe(Problem& problem, Answer& answer) {
  const ProblemDescription about = problem.description();
  answer.model = about.model, answer.data = about.data;
  answer.loss = about.loss, answer.loss_basis = about.loss_basis;
  answer.device = about.device, answer.dtype = about.dtype;
  answer.notes = about.notes;
  const Optimizer& optimizer = problem.optimizer();
  answer.optimizer = optimizer.spec->name;
  answer.hyperparameters = shown_settings(*optimizer.spec, optimizer.values);
  Objective& f = problem.objective();
  answer.parameters = static_cast<long>(f.dim());
  answer.examples = f.examples() ? f.examples()->count() : 0;
}

}  // namespace etamax
