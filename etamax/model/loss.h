#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Losses: each file of losses/ defines one LossSpec, and the build collects them into a table.
namespace etamax {

struct LossSpec {
  std::string name;  ///< as on the command line, and as the function in torch.nn.functional
  std::string summary;
  /// How many outputs the network must have for each target (or for each example, where its targets are
  /// numbers).
  std::function<int64_t(const torch::Tensor& targets)> outputs;
  /// The targets in the form that `each` takes, in the outputs' type. Throws InputError that says what is
  /// wrong with them. `targets`: examples, or examples x positions.
  std::function<torch::Tensor(const torch::Tensor& targets, torch::ScalarType type)> prepare;
  /// Each example's loss, the mean over its positions and outputs that count; differentiable three times. `outputs`:
  /// examples x outputs, or examples x positions x outputs.
  std::function<torch::Tensor(const torch::Tensor& outputs, const torch::Tensor& targets)> each;
  /// What is wrong with such outputs, to follow the loss's name; "" if nothing. Null: nothing can be.
  std::function<std::string(const torch::Tensor& outputs)> fault = {};
  /// It takes outputs as the network gives them, whatever their shape.
  bool takes_any_shape = false;
  /// How many of each example's prepared targets count. Null: all.
  std::function<torch::Tensor(const torch::Tensor& targets)> counts = {};
  /// Where an example's loss is the mean of -log p(target | outputs) over its targets, up to constants: targets in
  /// their prepared form, each drawn from p, and how many draws these are. Null: it is no likelihood. `outputs`: in 64
  /// bit.
  struct Drawn {
    torch::Tensor targets;
    int64_t draws = 0;
  };
  std::function<Drawn(const torch::Tensor& outputs, const torch::Tensor& targets, const at::Generator& random)> draw =
      {};
  /// The smallest mean loss that a network reaches whose output is the same for all inputs: chance level. Null: not
  /// known.
  std::function<double(const torch::Tensor& targets)> chance;
};

/// All losses, by name.
const std::vector<LossSpec>& loss_table();

/// The loss of that name. Throws InputError with a "did you mean".
const LossSpec& find_loss(std::string_view name);

namespace losses {

/// What a loss of one number for each target shares: an example's targets laid flat, its numbers averaged.
int64_t numbers(const torch::Tensor& targets);
torch::Tensor as_numbers(const torch::Tensor& targets, torch::ScalarType type);
torch::Tensor mean_of_each(const torch::Tensor& elements);

/// What a loss of labels shares. Labels 0, 1, ... as whole numbers, or -100, PyTorch's ignore_index: those do not
/// count. Throws InputError that begins with the loss's name.
torch::Tensor labels_of(const std::string& loss, const torch::Tensor& targets);
int64_t classes_of(const torch::Tensor& targets);
torch::Tensor labels_in_each(const torch::Tensor& labels);  ///< how many count
/// One example's losses averaged over the labels that count; 0 where none does.
torch::Tensor mean_over_labels(const torch::Tensor& losses, const torch::Tensor& labels);
double entropy_of_labels(const torch::Tensor& targets);

/// Labels from the classes' probabilities (last dimension), in the form and type of `targets`; those that do not count
/// stay as they are.
LossSpec::Drawn draw_labels(const torch::Tensor& probabilities, const torch::Tensor& targets,
                            const at::Generator& random);

/// Whether each row holds the classes' probabilities: from 0 on, with sum 1. Labels one-hot are.
bool are_probabilities(const torch::Tensor& targets);

}  // namespace losses
}  // namespace etamax
