#pragma once

#include "etamax/answers/analysis.h"
#include "etamax/problem/problem.h"

namespace etamax {

struct MiniBatchQuestion {
  const Optimizer& optimizer;
  std::int64_t batch_size = 0;  ///< 1 to the number of examples
  double lr_scale = 1;          ///< by which the rule itself multiplies the learning rate
  double decay = 0;             ///< weight decay that is part of the curvature
  std::uint64_t seed = 0;
};

/// The bound of docs/theory.md, section 11, along the top eigenvector, and the batch sharpness. `curvatures`: v' H_i v
/// of each example, for v in the parameters' space, without decay. The objective must have examples.
MiniBatchEdge mini_batch_edge(Objective& f, const std::vector<double>& curvatures, const MiniBatchQuestion& question);

}  // namespace etamax
