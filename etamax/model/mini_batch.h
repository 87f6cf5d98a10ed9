#pragma once

#include "etamax/core/analysis.h"
#include "etamax/model/preconditioned.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

struct MiniBatchQuestion {
  const OptimizerSpec& optimizer;
  const HyperparameterValues& values;
  int64_t batch_size = 0;  ///< 1 to the number of examples
  double rate_factor = 1;  ///< by which the rule itself multiplies the learning rate
  double decay = 0;        ///< weight decay that is part of the curvature
  std::uint64_t seed = 0;
};

/// The bound of docs/theory.md, section 11, along the top eigenvector `v` of `hessian` (a unit vector), and the
/// batch sharpness. `curvatures`: v' H_i v of each example, for v in the parameters' space, without decay.
MiniBatchEdge mini_batch_edge(ModelObjective& f, const torch::Tensor& curvatures, const MiniBatchQuestion& question);

}  // namespace etamax
