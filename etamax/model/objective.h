#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/model/data.h"
#include "etamax/model/guest.h"
#include "etamax/model/loss.h"
#include "etamax/model/network.h"
#include "etamax/model/outputs.h"
#include "etamax/model/tensor_vector.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/objective.h"

namespace etamax {

/// How a product with the Hessian is made.
enum class ProductMethod {
  /// The gradient's graph, differentiated again along a direction. Where the data are one chunk the graph is
  /// built once and kept.
  double_backward,
  /// Dual numbers on the parameters, then one ordinary gradient: nothing is kept, and about three gradients
  /// whatever the layers. Not for every operation of every LibTorch.
  forward_over_reverse,
  /// The loss on dual numbers, then one gradient, of its derivative along the direction: nothing is kept, and up to a
  /// ninth less than forward over reverse. Differentiates LibTorch's formulas for dual numbers.
  reverse_over_forward,
};

struct ModelObjectiveOptions {
  int64_t chunk = 4096;  ///< examples at once: memory holds the graph of one chunk; at least 1
  torch::ScalarType type = torch::kFloat;
  torch::Device device = torch::kCPU;
  /// None: double backward where its graph is kept, for one chunk of a network that does not convolve. Else reverse
  /// over forward where nothing is scripted or convolves and that agrees with double backward on two examples, or
  /// forward over reverse; as far as the network's operations can do it.
  std::optional<ProductMethod> method = {};
  /// Where the examples are this rank's part of all: how sums over them are completed. Must outlive the objective.
  Reduction* reduction = nullptr;
};

/// One parameter tensor's place in the vector of all that are analyzed.
struct ShapedBlock {
  std::string name;  ///< as PyTorch names it: "0.weight"
  std::vector<int64_t> shape;
  int64_t from = 0, to = 0;
};

/// The mean training loss of a network on data, as a function of its parameters laid end to end; with its gradient and
/// its Hessian's products. Frozen and unused parameters are left out of the vector, and named.
///
/// Data beyond one chunk are accumulated chunk by chunk, each weighted by its number of examples, so that the result is
/// that of a single chunk, to rounding (not with batch norm, whose statistics are those of a chunk). The mean is over
/// all targets that count: where labels are ignored, an example counts by how many it has, in a batch as in PyTorch's.
class ModelObjective final : public Objective, public Examples {
 public:
  /// Throws InputError where the network does not fit the data or the loss.
  ModelObjective(std::shared_ptr<BorrowedNetwork> network, const Dataset& data, const LossSpec& loss,
                 const ModelObjectiveOptions& options);
  /// Borrows the network for itself.
  ModelObjective(Network network, const Dataset& data, const LossSpec& loss, const ModelObjectiveOptions& options);
  ModelObjective(const ModelObjective&) = delete;
  ModelObjective& operator=(const ModelObjective&) = delete;

  std::size_t dim() const override { return static_cast<std::size_t>(size_); }
  const std::vector<ParameterBlock>& blocks() const override { return blocks_; }
  double loss() override;
  Vector gradient() override;
  LossAndGradient loss_and_gradient() override;
  void apply(const Vector& in, Vector& out) override;
  ProductPrice product_price() const override;
  void apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) override;
  std::string why_no_matrix(MatrixKind kind) const override;
  Vector parameters() const override;
  void set_parameters(const Vector& parameters) override;
  Vector random_normal(std::uint64_t seed) const override;
  Examples* examples() override { return this; }
  std::optional<double> baseline() const override {
    return loss_.chance ? std::optional(loss_.chance(data_.targets)) : std::nullopt;
  }
  bool outputs_are_all_the_same() override;
  double roundoff() const override;
  std::unique_ptr<Objective> in_64_bit() override;

  std::int64_t count() const override { return inputs_.size(0); }
  Rows shuffled(std::uint64_t seed) const override;
  std::unique_ptr<Objective> objective_on(const Rows& rows) override;
  std::vector<double> losses() override;
  std::int64_t least_batch() const override { return least_batch_; }
  std::vector<double> curvatures(const Vector& v) override;
  LossAndGradient batch_gradient(const Rows& rows) override;
  Vector batch_product(const Rows& rows, const Vector& v) override;

  int64_t chunk() const { return chunk_; }
  const LossSpec& loss_spec() const { return loss_; }
  const Network& network() const { return network_->network(); }
  /// Type and device of the vectors.
  torch::TensorOptions vector_options() const { return parameters_.front().options().requires_grad(false); }
  const std::vector<ShapedBlock>& shaped_blocks() const { return shaped_blocks_; }
  const std::vector<std::string>& frozen() const { return frozen_; }
  const std::vector<std::string>& unused() const { return unused_; }
  ProductMethod method() const { return method_; }
  /// What the network gives for each example, one row for each.
  torch::Tensor outputs();

 private:
  struct Batch {
    torch::Tensor inputs, targets;
    torch::Tensor counts = {};  ///< of each example, how much it counts; undefined where all count the same
    double weight = 1;          ///< its share of the examples
  };
  int64_t chunks() const { return batches_in(count(), chunk_, least_batch_); }
  Batch chunk_at(int64_t k) const;
  Batch batch(const Rows& rows) const;
  Batch first(int64_t examples) const;
  torch::Tensor forward(const torch::Tensor& inputs);
  torch::Tensor losses_of(const Batch& batch);
  torch::Tensor loss_of(const Batch& batch) { return losses_of(batch).mean() * batch.weight; }
  template <typename T>
  T reduced(T sum) const {  ///< the sum over all ranks
    if (options_.reduction) options_.reduction->sum(sum);
    return sum;
  }
  std::pair<double, torch::Tensor> sums_here();
  std::vector<torch::Tensor> differentiable_gradient(const Batch& batch);
  torch::Tensor product(const Batch& batch, const torch::Tensor& v);
  torch::Tensor forward_over_reverse(const Batch& batch, const std::vector<torch::Tensor>& direction);
  bool keeps_graph() const { return chunks() == 1 && method_ == ProductMethod::double_backward; }
  torch::Tensor reverse_over_forward(const Batch& batch, const std::vector<torch::Tensor>& direction);
  bool backward_is_right(const std::vector<torch::Tensor>& direction);
  std::vector<int64_t> versions() const;
  const std::vector<torch::Tensor>& kept_gradient();
  torch::Tensor double_backward(const std::vector<torch::Tensor>& gradient, const std::vector<torch::Tensor>& direction,
                                bool keep);
  std::pair<torch::Tensor, torch::Tensor> with_tangent(const std::function<torch::Tensor()>& make,
                                                       const std::vector<torch::Tensor>& direction);
  torch::Tensor curved_by_outputs(const Batch& batch, const torch::Tensor& outputs, const torch::Tensor& tangent) const;
  torch::Tensor matrix_product(const MatrixChoice& matrix, int64_t k, const std::vector<torch::Tensor>& direction);
  struct DrawnTargets {
    std::uint64_t seed = 0;
    std::vector<int64_t> versions;  ///< of the parameters that they were drawn at
    torch::Tensor targets;
    double of_each = 1;  ///< independent draws in an example, on average
  };
  const DrawnTargets& drawn_targets(std::uint64_t seed);
  void choose_method(std::optional<ProductMethod> wanted);
  std::vector<torch::Tensor> split(const torch::Tensor& flat) const;
  torch::Tensor join(const std::vector<torch::Tensor>& tensors) const;
  void find_parameters();
  void find_counts();
  void find_form(int64_t wanted);
  void find_least_batch();

  std::shared_ptr<BorrowedNetwork> network_;
  Dataset data_;  ///< as it was given
  LossSpec loss_;
  ModelObjectiveOptions options_;
  torch::Tensor inputs_, targets_;
  torch::Tensor counts_;  ///< Batch::counts of all examples, of mean 1
  OutputForm form_;
  int64_t chunk_ = 0, size_ = 0, least_batch_ = 1;
  double all_examples_ = 0;  ///< of all ranks
  ProductMethod method_ = ProductMethod::double_backward;
  std::vector<torch::Tensor> parameters_;
  std::vector<ParameterBlock> blocks_;
  std::vector<ShapedBlock> shaped_blocks_;
  std::vector<std::string> frozen_, unused_;
  struct KeptGradient {
    std::vector<torch::Tensor> gradient;  ///< with its graph
    std::vector<int64_t> versions;        ///< of the parameters that it belongs to
  };
  std::optional<KeptGradient> kept_;
  std::optional<DrawnTargets> drawn_;
};

torch::Tensor row_numbers(const Rows& rows);

}  // namespace etamax
