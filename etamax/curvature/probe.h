#pragma once

#include <optional>
#include <string>

#include "etamax/answers/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/curvature/preconditioned.h"
#include "etamax/problem/problem.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {

/// Where an optimizer stands: what it divides the gradient by, and by what it multiplies the learning rate.
struct OptimizerPosition {
  std::optional<Vector> preconditioner = {};
  double lr_scale = 1;
  std::string origin = {};  ///< of the preconditioner, for a reader
  /// By what part of itself each entry of the preconditioner is off because gradients were in 32 bit; where that was
  /// measured.
  std::optional<Vector> uncertainty = {};
  long gradients_64 = 0;  ///< in 64 bit, to measure it

  /// After the run's last step. No preconditioner where the rule has no edge that would depend on one.
  static OptimizerPosition of(const Run& run, const Optimizer& optimizer);
};

/// Whether the optimizer's edge is that of a preconditioned Hessian.
bool edge_is_preconditioned(const Optimizer& optimizer);

struct ProbeOptions {
  std::optional<double> confidence = 0.999;  ///< of the bounds, in (0, 1); none: a point estimate
  double gap = 0.1;                          ///< wanted: (upper - lower) / upper of lambda_max, in (0, 1)
  std::size_t max_products = 200;
  std::uint64_t seed = 0;  ///< of the start
  bool direction = false;  ///< the top eigenvector is wanted too
  /// Widen the bounds by what products in 32 bit lose, measured along either extreme Ritz vector (docs/theory.md).
  bool roundoff = true;
  Progress progress = {};
  double most_asymmetry = kAnyAsymmetry;  ///< a Hessian's products are symmetric by their making
};

/// An objective at its present parameters, as an optimizer at work sees it: the operator whose largest eigenvalue sets
/// the stability edge. Everything that speaks of an edge asks here.
///
/// Weight decay that is part of the gradient belongs to the curvature. With a preconditioner, which divides it too, it
/// stands inside the operator; without, it is added to the eigenvalue.
class Probe {
 public:
  /// `f` and `optimizer` must outlive the probe.
  Probe(Objective& f, const Optimizer& optimizer, OptimizerPosition position = {});

  PreconditionedHessian& hessian() { return hessian_; }
  const OptimizerPosition& position() const { return position_; }

  struct Finding {
    Curvature curvature;
    StabilityEdge edge;
    Vector direction;          ///< the unit top Ritz vector, in the operator's space; where it was asked for
    bool interrupted = false;  ///< in the middle of the bounds, which are good as far as they go
    double roundoff = 0;       ///< by which the ends of lambda_max were widened
    long products_64 = 0;      ///< in 64 bit, to measure it
  };
  /// Without bounds, but with a reason, where P says nothing: every gradient so far was 0, or what P has of them is
  /// rounding.
  Finding look(const ProbeOptions& options);

  struct Roundoff {
    double by = 0;
    long products = 0, products_64 = 0;  ///< to measure it: in 32 bit, in 64
  };
  /// By how much the Rayleigh quotient of a unit vector in the operator's space, `value` by a product in 32 bit, may be
  /// off. 0 in 64 bit.
  Roundoff roundoff_along(const Vector& unit, double value);

  /// The edge at bounds of the operator's largest eigenvalue.
  StabilityEdge edge(const Interval& lambda_max) const;

 private:
  LanczosResult bounds(const ProbeOptions& options, Curvature& found, std::vector<Vector>& basis, std::size_t keep);
  struct Lost {
    std::vector<double> measured;
    double unmeasured = 0;
    long products_64 = 0;
    double at(std::size_t i) const { return i < measured.size() ? measured[i] : unmeasured; }
  };
  Lost lost_along(const std::vector<Vector>& units, double size);

  Objective& f_;
  const Optimizer& optimizer_;
  OptimizerPosition position_;
  PreconditionedHessian hessian_;
};

/// How many vectors of a Krylov basis are worth their memory, 64 MiB in all: kept, they spare the second pass for the
/// eigenvector.
std::size_t basis_vectors_to_keep(const Objective& f);
/// Whether what 32 bit lose is measured, by calculations in 64: the objective is in 32 bit, and no larger than memory
/// is well spent on.
bool roundoff_is_measured(const Objective& f);
/// What is allowed for the roundoff of products in 32 bit where it is not measured, as a part of the eigenvalues' size.
/// Inputs of very unlike scales can lose more (docs/theory.md). 0 in 64 bit.
double unmeasured_roundoff(const Objective& f);

}  // namespace etamax
