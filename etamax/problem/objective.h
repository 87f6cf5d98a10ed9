#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/cost.h"
#include "etamax/core/error.h"
#include "etamax/problem/examples.h"
#include "etamax/problem/matrix.h"
#include "etamax/problem/vector.h"

namespace etamax {

/// A named range of the parameters: a layer's weight, a variable.
struct ParameterBlock {
  std::string name;
  std::size_t from = 0, to = 0;
};

/// What products with the Hessian cost, in gradients of the same examples: the first at a place, and each further one
/// there. Planned with, as measured (docs/theory.md, section 11).
struct ProductPrice {
  double first = 3, later = 2;
};

/// A loss as a function of parameters, with its gradient and its Hessian's products: what a curvature, an edge and a
/// training are asked of. Vectors are opaque (vector.h). The smallest that a user would write is
/// examples/own_problem/own_problem.cpp, over DenseObjective (dense.h).
///
/// Invariants, asserted over all implementations by tests/problem: `gradient` is the derivative of `loss`, and `apply`
/// that of `gradient`, along random directions; `apply` is symmetric; where there are examples, the mean of their
/// losses is `loss` and the mean of their curvatures along v is v' H v.
class Objective {
 public:
  virtual ~Objective() = default;

  virtual std::size_t dim() const = 0;
  /// One after the other, from 0 to dim().
  virtual const std::vector<ParameterBlock>& blocks() const = 0;

  /// All at the present parameters. May be NaN or infinite.
  virtual double loss() = 0;
  virtual LossAndGradient loss_and_gradient() = 0;
  virtual Vector gradient() { return loss_and_gradient().gradient; }
  /// out = H in, the Hessian's product.
  virtual void apply(const Vector& in, Vector& out) = 0;
  virtual ProductPrice product_price() const { return {}; }
  /// The same of another matrix, which this objective must have.
  virtual void apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) {
    if (matrix.kind != MatrixKind::hessian) throw InputError("matrix", why_no_matrix(matrix.kind));
    apply(in, out);
  }
  bool has_matrix(MatrixKind kind) const { return why_no_matrix(kind).empty(); }
  /// Why there is no such matrix, a clause; "" where there is.
  virtual std::string why_no_matrix(MatrixKind kind) const {
    return kind == MatrixKind::hessian ? "" : "needs a loss that is a function of a network's outputs";
  }

  virtual Vector parameters() const = 0;
  virtual void set_parameters(const Vector& parameters) = 0;

  /// Independent standard normal entries: the same for a seed on every device, in every type.
  virtual Vector random_normal(std::uint64_t seed) const = 0;

  /// The examples over which the loss is a mean. Null where it is none: a typed function.
  virtual Examples* examples() { return nullptr; }
  /// The loss of the best constant predictor. None where that means nothing.
  virtual std::optional<double> baseline() const { return {}; }
  /// Whether the network gives the same for every example, to 0.1% of its outputs' size: it no longer depends on its
  /// inputs.
  virtual bool outputs_are_all_the_same() { return false; }

  /// The unit roundoff of the products, 2^-53 in 64 bit and 2^-24 in 32; and, where it is coarser than 64 bit, the same
  /// objective at the same parameters in 64 bit, to measure what that loses (null where that cannot be had). This one
  /// rests while that one lives.
  virtual double roundoff() const { return std::numeric_limits<double>::epsilon() / 2; }
  virtual std::unique_ptr<Objective> in_64_bit() { return nullptr; }

  /// Counts evaluations, whatever the number of examples in each.
  const Cost& cost() const { return cost_; }

 protected:
  Cost cost_;
};

/// Puts the parameters back when it goes.
class KeepParameters {
 public:
  explicit KeepParameters(Objective& f) : f_(f), parameters_(f.parameters()) {}
  ~KeepParameters() { f_.set_parameters(parameters_); }
  KeepParameters(const KeepParameters&) = delete;
  KeepParameters& operator=(const KeepParameters&) = delete;
  const Vector& parameters() const { return parameters_; }

 private:
  Objective& f_;
  Vector parameters_;
};

}  // namespace etamax
