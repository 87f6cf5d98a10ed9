#pragma once

#include <string>
#include <vector>

#include "etamax/problem/dense.h"
#include "etamax/problem/plane_data.h"

namespace etamax {

/// A network small enough to be looked at, on points in the plane: what the program calls by the same names.
struct SmallNetworkOptions {
  std::string data = "plane:moons";      ///< a shape of plane_data.h
  std::string model = "mlp:2-8-1:tanh";  ///< affine layers, one to three of 1 to 32 hidden units; or relu
  std::string loss = "mse";              ///< or bce
  std::uint64_t seed = 0;                ///< of the weights
};

enum class SmallLoss { mse, bce };

/// Its layers, each with a weight (a row for each output) and a bias, in PyTorch's order and under PyTorch's names.
struct SmallNetworkShape {
  std::vector<std::size_t> widths;  ///< 2, the hidden layers', 1
  bool relu = false;                ///< between layers; else tanh
  SmallLoss loss = SmallLoss::mse;

  std::size_t parameters() const;
  std::vector<ParameterBlock> blocks() const;
  /// The weights that PyTorch draws on a CPU for torch.manual_seed(seed), which are numbers of 32 bit.
  Eigen::VectorXd start(std::uint64_t seed) const;
};

/// The mean loss of the network over points of the plane, in 64 bit. Its gradient is written out by hand; a Hessian's
/// product is that gradient on dual numbers, forward over reverse, and costs about two gradients.
class SmallNetworkObjective final : public DenseObjective, public Examples {
 public:
  SmallNetworkObjective(SmallNetworkShape shape, PlaneData data, Eigen::VectorXd start);

  double value(const Eigen::VectorXd& x) override;
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override;
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override;
  /// Of the network at these points; a loss of bce takes it as a logarithm of odds.
  std::vector<double> outputs(const std::vector<std::array<double, 2>>& points) const;

  Examples* examples() override { return this; }
  std::optional<double> baseline() const override;
  bool outputs_are_all_the_same() override;

  std::int64_t count() const override { return static_cast<std::int64_t>(data_.labels.size()); }
  std::unique_ptr<Objective> objective_on(const Rows& rows) override;
  std::vector<double> losses() override;
  std::vector<double> curvatures(const Vector& v) override;
  LossAndGradient batch_gradient(const Rows& rows) override;
  Vector batch_product(const Rows& rows, const Vector& v) override;

  const SmallNetworkShape& shape() const { return shape_; }
  const PlaneData& data() const { return data_; }

 private:
  SmallNetworkShape shape_;
  PlaneData data_;
};

/// Such a network with an optimizer, from the weights of a seed.
class SmallNetworkProblem final : public Problem {
 public:
  /// Throws InputError for a name that is none of its options'.
  SmallNetworkProblem(const SmallNetworkOptions& options, Optimizer optimizer);
  SmallNetworkObjective& objective() override { return f_; }
  const Optimizer& optimizer() const override { return optimizer_; }
  ProblemDescription description() const override;
  Vector start(std::uint64_t seed) override { return dense(f_.shape().start(seed)); }

 private:
  SmallNetworkOptions options_;
  SmallNetworkObjective f_;
  Optimizer optimizer_;
};

}  // namespace etamax
