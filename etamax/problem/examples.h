#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "etamax/problem/vector.h"

namespace etamax {

class Objective;

/// Numbers of examples, from 0.
using Rows = std::vector<std::int64_t>;

struct LossAndGradient {
  double loss = 0;
  Vector gradient;
};

/// Examples of which objectives can be made.
class ExampleSet {
 public:
  virtual ~ExampleSet() = default;
  virtual std::int64_t count() const = 0;
  /// All of them in a random order.
  virtual Rows shuffled(std::uint64_t seed) const;
  /// The mean loss over some of them, at the parameters of the problem.
  virtual std::unique_ptr<Objective> objective_on(const Rows& rows) = 0;

  /// A random choice, in the examples' own order; all where `count` is 0 or as many.
  Rows sample(std::int64_t count, std::uint64_t seed) const;
};

/// An objective's source of data: what can be asked of single examples and of batches of them. All at the objective's
/// present parameters.
class Examples : public ExampleSet {
 public:
  virtual std::vector<double> losses() = 0;
  /// The fewest that a batch can be made of: 2 where statistics are taken over it (batch norm).
  virtual std::int64_t least_batch() const { return 1; }
  /// v' H_i v for each example's Hessian H_i: their mean is v' H v.
  virtual std::vector<double> curvatures(const Vector& v) = 0;
  virtual LossAndGradient batch_gradient(const Rows& rows) = 0;
  virtual Vector batch_product(const Rows& rows, const Vector& v) = 0;
};

/// Where sums over examples are completed, once the examples are shared out over ranks: every rank hands in the sum
/// over its own and gets the sum over all. What is decided from such sums is decided alike everywhere.
class Reduction {
 public:
  virtual ~Reduction() = default;
  virtual void sum(double& x) = 0;
  virtual void sum(Vector& x) = 0;
};

}  // namespace etamax
