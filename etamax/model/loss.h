#pragma once

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
  /// Each example's loss, the mean over its positions and outputs; differentiable three times. `outputs`:
  /// examples x outputs, or examples x positions x outputs.
  std::function<torch::Tensor(const torch::Tensor& outputs, const torch::Tensor& targets)> each;
  /// The smallest mean loss that a network reaches whose output is the same for all inputs: chance level.
  std::function<double(const torch::Tensor& targets)> chance;
};

/// All losses, by name.
const std::vector<LossSpec>& loss_table();

/// The loss of that name. Throws InputError with a "did you mean".
const LossSpec& find_loss(std::string_view name);

namespace losses {

/// What a loss of one number for each target shares: targets as a column, one example's numbers averaged.
int64_t numbers(const torch::Tensor& targets);
torch::Tensor as_numbers(const torch::Tensor& targets, torch::ScalarType type);
torch::Tensor mean_of_each(const torch::Tensor& elements);

}  // namespace losses
}  // namespace etamax
