#pragma once

#include <torch/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etamax/model/network.h"
#include "etamax/model/objective.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// What a checkpoint file holds: weights, and perhaps an optimizer's state in PyTorch's words.
///
/// Two kinds are read. A file of torch.save: a state_dict, or a dict that has one under "model",
/// "state_dict", "model_state_dict" or "weights" and perhaps an optimizer's under "optimizer" or
/// "optimizer_state_dict". A safetensors file: tensors named as the parameters, and
/// "optimizer.<state>.<parameter>", for example "optimizer.exp_avg_sq.0.weight", and "optimizer.step".
struct Checkpoint {
  using State = std::map<std::string, torch::Tensor>;  ///< "exp_avg_sq" and so on, by PyTorch's name

  std::string path;
  std::vector<NamedTensor> weights;
  /// By the parameter's name, or, where the file has only that, by its number in the optimizer.
  std::map<std::string, State> by_name;
  std::map<std::size_t, State> by_number;
  std::size_t numbered = 0;  ///< how many parameters the optimizer had
  std::size_t groups = 1;    ///< of parameters
  long step = 0;             ///< steps taken, the most of any parameter; 0 where the file does not say
  /// What the file says of the first group's learning rate and hyperparameters, by our names ("lr", "beta1").
  Settings settings;
  bool has_optimizer() const { return !by_name.empty() || !by_number.empty(); }
};

/// Throws InputError with file, place and reason.
Checkpoint read_checkpoint(const std::string& path);

/// Copies the weights into the network's parameters and buffers. A prefix that all names of the file share
/// ("module.", "model.") may be missing in the network. Throws InputError that names what is missing,
/// unknown, of another shape or not finite; the network is then as it was.
void load_weights(const Checkpoint& checkpoint, Network& network);

/// The optimizer's state as OptimizerSpec::step and ::preconditioner take it.
struct SavedState {
  torch::Tensor state;  ///< spec.state_vectors blocks of dim() numbers, in 64 bit on the CPU
  long step = 1;        ///< steps taken, at least 1
};

/// The state for the parameters that the objective analyzes (`blocks`, of `network`). None where the
/// checkpoint has no optimizer's state. Throws InputError: it is another optimizer's, or another network's.
std::optional<SavedState> saved_state(const Checkpoint& checkpoint, const Network& network,
                                      const std::vector<ShapedBlock>& blocks, const OptimizerSpec& spec,
                                      const HyperparameterValues& values);

}  // namespace etamax
