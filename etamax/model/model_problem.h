#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "etamax/model/checkpoint.h"
#include "etamax/model/objective.h"
#include "etamax/problem/problem.h"

namespace etamax {

struct ModelProblemOptions {
  std::string optimizer = "gd";
  Settings settings = {};
  std::int64_t samples = 0;  ///< of the examples, at random; 0: all
  double validation = 0;     ///< share of the examples that is held out, in [0, 0.9]
  bool standardize = false;  ///< the inputs, by the columns of the examples to train on
  std::uint64_t seed =
      0;  ///< of the choice of samples and of what is held out; the network's own weights are this seed's start
  ModelObjectiveOptions objective = {};
  std::string loss_basis = {};          ///< why this loss, where it was guessed: for a reader
  std::optional<double> saved_lr = {};  ///< the checkpoint's learning rate
  std::vector<std::string> notes = {};  ///< sentences that an answer repeats, before those of the data
  /// The network with the weights of another seed. None: every run begins with the weights that the network has.
  std::function<Network(std::uint64_t seed)> other_start = {};
};

/// A network on data, trained by an optimizer of the table: your own module or one by name (setup.h). The network is
/// only borrowed (guest.h): when the problem is gone it is as it was, to the bit.
class ModelProblem final : public Problem {
 public:
  /// `checkpoint`: whose optimizer state the runs begin with, if it has any; its weights must be in the network
  /// already. Throws InputError, among others where a part of the data would lack a class.
  ModelProblem(const Network& network, const Dataset& data, const LossSpec& loss, const ModelProblemOptions& options,
               const Checkpoint* checkpoint = nullptr);

  ModelObjective& objective() override { return *training_; }
  ModelObjective* validation() override { return validation_.get(); }
  const Optimizer& optimizer() const override { return optimizer_; }
  ProblemDescription description() const override;
  Vector start(std::uint64_t seed) override;
  const OptimizerState* optimizer_state() const override { return state_ ? &*state_ : nullptr; }
  ExampleSet* all_examples() override { return all_.get(); }
  std::int64_t example_in_data(std::int64_t i) const override {
    return sample_.empty() ? i : sample_[static_cast<std::size_t>(i)];
  }
  std::vector<InputColumn> input_columns() override;
  std::unique_ptr<Problem> standardized() override;

  /// The learning rate that the checkpoint's training had when it was saved.
  std::optional<double> saved_lr() const { return options_.saved_lr; }
  const Dataset& training_data() const { return training_data_; }
  const LossSpec& loss() const { return loss_; }

 private:
  void load_state(const Checkpoint& checkpoint);

  ModelProblemOptions options_;
  Optimizer optimizer_;
  LossSpec loss_;
  Dataset training_data_;
  std::shared_ptr<BorrowedNetwork> network_;
  std::unique_ptr<ModelObjective> training_, validation_;
  std::unique_ptr<ExampleSet> all_;   ///< where training_ is on a sample
  std::vector<std::int64_t> sample_;  ///< of which of them
  std::map<std::uint64_t, Vector> starts_;
  std::optional<OptimizerState> state_;
  std::vector<std::string> notes_;
};

}  // namespace etamax
