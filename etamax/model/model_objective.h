#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/results.h"
#include "etamax/model/data.h"
#include "etamax/model/loss.h"
#include "etamax/model/network.h"

namespace etamax {

/// How a product with the Hessian is made.
enum class ProductMethod {
  /// The gradient's graph, differentiated again along a direction. Where the data are one chunk the graph is
  /// built once and kept.
  double_backward,
  /// Dual numbers on the parameters, then one ordinary gradient: nothing is kept, and about three gradients
  /// whatever the layers. Not for every operation of every LibTorch.
  forward_over_reverse,
};

struct ModelObjectiveOptions {
  int64_t chunk = 4096;  ///< examples at once: memory holds the graph of one chunk; at least 1
  torch::ScalarType type = torch::kFloat;
  torch::Device device = torch::kCPU;
  /// None: forward over reverse where the network convolves or the data are several chunks, as far as its
  /// operations can do it.
  std::optional<ProductMethod> method = {};
};

/// One parameter tensor's place in the flat vector of all that are analysed.
struct ParameterBlock {
  std::string name;  ///< as PyTorch names it: "0.weight"
  std::vector<int64_t> shape;
  int64_t from = 0, to = 0;
};

/// The mean training loss of a network on data, as a function of its parameters laid end to end; with its
/// gradient and its Hessian's products. Frozen and unused parameters are left out of the vector, and named.
///
/// Data beyond one chunk are accumulated chunk by chunk, each weighted by its number of examples, so that the
/// result is that of a single chunk, to rounding (not with batch norm, whose statistics are those of a
/// chunk). The network's parameters and buffers are as they were when the objective is destroyed. Fused attention
/// kernels, which have no second derivative, are switched off for the process.
class ModelObjective {
 public:
  /// Throws InputError where the network does not fit the data or the loss.
  ModelObjective(Network network, const Dataset& data, const LossSpec& loss, const ModelObjectiveOptions& options);
  ~ModelObjective();
  ModelObjective(const ModelObjective&) = delete;
  ModelObjective& operator=(const ModelObjective&) = delete;

  std::size_t dim() const { return static_cast<std::size_t>(size_); }
  int64_t examples() const { return inputs_.size(0); }
  int64_t chunk() const { return chunk_; }
  const LossSpec& loss_spec() const { return loss_; }
  const Network& network() const { return network_; }
  /// Type and device of the vectors.
  torch::TensorOptions vector_options() const { return parameters_.front().options().requires_grad(false); }
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }
  const std::vector<std::string>& frozen() const { return frozen_; }
  const std::vector<std::string>& unused() const { return unused_; }
  ProductMethod method() const { return method_; }

  /// Counts evaluations, whatever the number of examples in each.
  const Cost& cost() const { return cost_; }

  double loss();
  /// Each example's loss.
  torch::Tensor example_losses();
  /// What the network gives for each example, one row for each.
  torch::Tensor outputs();
  torch::Tensor gradient();
  /// out = H in: a product with the Hessian at the current parameters. Both of dim() numbers.
  void apply(const torch::Tensor& in, torch::Tensor& out);
  /// v' H_i v for each example's Hessian H_i: their mean is v' H v.
  torch::Tensor example_curvatures(const torch::Tensor& v);

  struct LossAndGradient {
    double loss = 0;
    torch::Tensor gradient;
  };
  LossAndGradient loss_and_gradient();
  /// On some of the examples: `rows` are their numbers from 0.
  LossAndGradient batch_gradient(const torch::Tensor& rows);
  torch::Tensor batch_product(const torch::Tensor& rows, const torch::Tensor& v);

  torch::Tensor parameters() const;
  void set_parameters(const torch::Tensor& flat);

  /// The start of a random walk through the parameters' space: independent standard normal numbers.
  torch::Tensor random_normal(std::uint64_t seed) const;

 private:
  struct Batch {
    torch::Tensor inputs, targets;
    double weight = 1;  ///< its share of the examples
  };
  int64_t chunks() const { return (examples() + chunk_ - 1) / chunk_; }
  Batch chunk_at(int64_t k) const;
  Batch batch(const torch::Tensor& rows) const;
  torch::Tensor losses_of(const Batch& batch);
  torch::Tensor loss_of(const Batch& batch) { return losses_of(batch).mean() * batch.weight; }
  std::vector<torch::Tensor> differentiable_gradient(const Batch& batch);
  torch::Tensor product(const Batch& batch, const torch::Tensor& v);
  torch::Tensor forward_over_reverse(const Batch& batch, const std::vector<torch::Tensor>& direction);
  const std::vector<torch::Tensor>& kept_gradient();
  torch::Tensor double_backward(const std::vector<torch::Tensor>& gradient, const std::vector<torch::Tensor>& direction,
                                bool keep);
  void choose_method(std::optional<ProductMethod> wanted);
  std::vector<torch::Tensor> split(const torch::Tensor& flat) const;
  torch::Tensor join(const std::vector<torch::Tensor>& tensors) const;
  void find_parameters();
  void check_outputs(int64_t wanted);

  Network network_;
  const LossSpec& loss_;
  torch::Tensor inputs_, targets_;
  int64_t chunk_ = 0, size_ = 0;
  ProductMethod method_ = ProductMethod::double_backward;
  std::vector<torch::Tensor> parameters_;
  std::vector<torch::Tensor> buffers_as_found_;
  torch::Tensor as_found_;
  std::vector<ParameterBlock> blocks_;
  std::vector<std::string> frozen_, unused_;
  struct KeptGradient {
    std::vector<torch::Tensor> gradient;  ///< with its graph
    std::vector<int64_t> versions;        ///< of the parameters that it belongs to
  };
  std::optional<KeptGradient> kept_;
  Cost cost_;
};

}  // namespace etamax
