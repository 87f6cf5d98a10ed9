#pragma once

#include <torch/types.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "etamax/model/data.h"

namespace torch::nn {
class Module;
}

/// Networks: each file of networks/ defines one NetworkSpec, and the build collects them into a table.
namespace etamax {

struct NamedTensor {
  std::string name;  ///< as PyTorch names it: "0.weight"
  torch::Tensor tensor;
};

/// What is analyzed: how to call it, and the tensors inside it.
struct Network {
  std::string name;
  std::function<torch::Tensor(const torch::Tensor& inputs)> forward;  ///< examples x ... -> examples x ... x outputs
  std::vector<NamedTensor> parameters;  ///< those that do not require a gradient are frozen
  std::vector<NamedTensor> buffers;     ///< what a forward pass in training may change: put back afterwards
  /// Puts it into the mode that the analysis is about (batch norm as in training, dropout off), and gives what puts the
  /// mode back. None: it is in that mode.
  std::function<std::function<void()>()> enter = {};
  /// Contains LibTorch's own convolution, whose derivatives are slow to differentiate again; for the choice
  /// of how curvature products are made.
  bool convolves = false;
  bool scripted = false;                ///< run by TorchScript, which rewrites it after some runs
  bool takes_tokens = false;            ///< its inputs are no quantities, but numbers of words
  std::vector<std::string> notes = {};  ///< sentences that an answer repeats
};

/// Any module of torch::nn. Analyzed in training mode with dropout off; its own mode is put back afterwards.
Network network_of(std::string name, const std::shared_ptr<torch::nn::Module>& module,
                   std::function<torch::Tensor(const torch::Tensor&)> forward);

struct NetworkSpec {
  std::string name;
  std::string summary;
  std::string example;  ///< as on the command line
  /// `arguments`: what follows the name and a colon. `example_shape`: of one example's inputs; `outputs`:
  /// those that the loss needs for each target. Initialized as PyTorch does. Throws InputError.
  Network (*make)(const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) = nullptr;
};

/// All networks, by name.
const std::vector<NetworkSpec>& network_table();

/// The network that a text such as "mlp:64-256-256-10:tanh" describes, its weights drawn by `seed` as PyTorch
/// draws them; or the TorchScript file that it names (torchscript.h), with the weights it has. `parts`: as
/// Dataset::parts, which only such a file heeds. Throws InputError.
Network make_network(const std::string& text, const std::vector<int64_t>& example_shape, int64_t outputs,
                     std::uint64_t seed, const std::vector<InputPart>& parts = {});

namespace networks {

/// "64-256-10" as whole numbers in 1..2^20. Throws InputError that begins with `where`.
std::vector<int64_t> widths(const std::string& where, const std::string& text);

/// The activation of that name: tanh, relu, gelu, silu. Throws InputError.
torch::Tensor (*activation(const std::string& where, const std::string& name))(const torch::Tensor&);

/// The parts of a text between separators: at least one.
std::vector<std::string> words(const std::string& text, char separator);

/// Channels, height and width of one example: as they are, or of a flat square one (64 is 1x8x8, 3072 is
/// 3x32x32). Throws InputError that begins with `where`.
std::array<int64_t, 3> image_shape(const std::string& where, const std::vector<int64_t>& example_shape);

/// The examples as images, in channels-last order, in which convolutions are fastest.
torch::Tensor as_images(const torch::Tensor& x, const std::array<int64_t, 3>& shape);

}  // namespace networks
}  // namespace etamax
