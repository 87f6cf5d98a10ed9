#pragma once

#include <Eigen/Core>

#include "etamax/problem/problem.h"

namespace etamax {

/// A vector of Eigen's, in 64 bit.
class DenseVector final : public VectorBody {
 public:
  explicit DenseVector(Eigen::VectorXd numbers) : entries(std::move(numbers)) {}
  Eigen::VectorXd entries;

  std::size_t size() const override { return static_cast<std::size_t>(entries.size()); }
  std::shared_ptr<VectorBody> clone() const override { return std::make_shared<DenseVector>(entries); }
  std::shared_ptr<VectorBody> zeros() const override;
  double dot(const VectorBody& other) const override { return entries.dot(of(other)); }
  void add_scaled(double a, const VectorBody& x) override { entries += a * of(x); }
  void scale(double a) override { entries *= a; }
  void multiply(const VectorBody& diagonal) override { entries.array() *= of(diagonal).array(); }
  void divide(const VectorBody& diagonal) override { entries.array() /= of(diagonal).array(); }
  void inverse_root() override { entries = entries.array().rsqrt(); }
  bool all_finite() const override { return entries.allFinite(); }
  std::vector<double> values() const override { return {entries.begin(), entries.end()}; }
  std::shared_ptr<VectorBody> with_values(std::span<const double> values) const override;
  std::shared_ptr<VectorBody> part(std::size_t from, std::size_t to) const override;
  void set_part(std::size_t from, const VectorBody& part) override;
  void for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                      const UseBlocks& use) const override;

 private:
  static const Eigen::VectorXd& of(const VectorBody& other) { return static_cast<const DenseVector&>(other).entries; }
};

Vector dense(Eigen::VectorXd entries);
/// The entries of a vector that is a DenseVector.
const Eigen::VectorXd& entries(const Vector& vector);

/// An objective over Eigen's vectors. Three functions make one of your own; their arguments are vectors of dim()
/// numbers.
class DenseObjective : public Objective {
 public:
  /// `start`: the parameters that it is at first. One block for each of the names; none: one block, "x".
  explicit DenseObjective(Eigen::VectorXd start, const std::vector<std::string>& names = {});
  /// With blocks of any length, one after the other.
  DenseObjective(std::vector<ParameterBlock> blocks, Eigen::VectorXd start)
      : x_(std::move(start)), blocks_(std::move(blocks)) {}

  virtual double value(const Eigen::VectorXd& x) = 0;
  virtual Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) = 0;
  /// The Hessian at x, times v.
  virtual Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) = 0;

  std::size_t dim() const final { return static_cast<std::size_t>(x_.size()); }
  const std::vector<ParameterBlock>& blocks() const final { return blocks_; }
  double loss() final { return ++cost_.forwards, value(x_); }
  LossAndGradient loss_and_gradient() final {
    return ++cost_.gradients, LossAndGradient{value(x_), dense(gradient_at(x_))};
  }
  void apply(const Vector& in, Vector& out) final { ++cost_.hvps, out = dense(product(x_, entries(in))); }
  Vector parameters() const final { return dense(x_); }
  void set_parameters(const Vector& parameters) final { x_ = entries(parameters); }
  Vector random_normal(std::uint64_t seed) const final;

 protected:
  const Eigen::VectorXd& x() const { return x_; }

 private:
  Eigen::VectorXd x_;
  std::vector<ParameterBlock> blocks_;
};

/// An objective of your own with an optimizer, from where the objective is.
class DenseProblem final : public Problem {
 public:
  /// `f` must outlive the problem.
  DenseProblem(DenseObjective& f, Optimizer optimizer, ProblemDescription description = {});
  Objective& objective() override { return f_; }
  const Optimizer& optimizer() const override { return optimizer_; }
  ProblemDescription description() const override { return description_; }
  Vector start(std::uint64_t) override { return start_; }

 private:
  DenseObjective& f_;
  Optimizer optimizer_;
  ProblemDescription description_;
  Vector start_;
};

}  // namespace etamax
