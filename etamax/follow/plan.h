#pragma once

#include <vector>

#include "etamax/follow/options.h"
#include "etamax/problem/objective.h"

namespace etamax {

/// What looks cost, in gradients of the examples that are looked at: a first product builds its graph.
inline constexpr double kFirstProduct = 5, kLaterProduct = 2, kGaussNewtonProduct = 4;
inline constexpr long kCertifyingProducts = 22;  ///< mostly fewer
double products_cost(long products);

/// Where a training is looked at.
struct LookPlan {
  std::int64_t examples = 0;  ///< that are looked at
  double allowance = 0;       ///< gradients of all the data, for one training
  double training = 0;        ///< what its steps cost
  double tracked_cost = 0;    ///< of one look, usually
  double certified_cost = 0;
  std::vector<long> steps;      ///< after which a look is due, ascending; the first and the last step among them
  std::vector<long> certified;  ///< of these
};

/// `first`: the first step at which there is something to look at. Throws InputError where the budget pays for no look.
LookPlan plan_looks(Objective& f, const FollowingOptions& options, long first);

}  // namespace etamax
