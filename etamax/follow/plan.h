#pragma once

#include <vector>

#include "etamax/follow/options.h"
#include "etamax/problem/objective.h"

namespace etamax {

/// What a look's parts cost, in gradients of all the data.
struct LookPrices {
  double share = 1;                ///< of the examples that are looked at, of all
  ProductPrice product = {};       ///< of these, in their gradients
  bool measures_roundoff = false;  ///< at certified looks, by products in 64 bit
  std::size_t basis = 0;           ///< vectors that memory keeps: more steps are made a second time
  double gauss_newton = 0;         ///< 0: there is none
  double batch_sharpness = 0;      ///< at most; 0: steps are on all examples

  double products(long count) const;
  /// A look that tracks with so many products.
  double tracked(long count) const { return products(count) + loss() + batch_sharpness; }
  /// A certified look of so many steps.
  double certified(long steps) const;
  /// Beside its products in 32 bit, where so many were in 64.
  double roundoff(long products_64) const;
  /// The most products of a tracked look, and the most steps of a certified one, that so much pays for.
  long tracked_within(double allowed) const;
  long certified_within(double allowed) const;

 private:
  double loss() const { return share / 3; }
};

/// Of looks at `looked_at`, which has that part of the problem's examples.
LookPrices look_prices(Objective& all, Objective& looked_at, const FollowingOptions& options);

/// Where a training is looked at.
struct LookPlan {
  std::int64_t examples = 0;  ///< that are looked at
  double allowance = 0;       ///< gradients of all the data, for one training
  double training = 0;        ///< what its steps cost
  double tracked_cost = 0;    ///< of one look, usually
  double certified_cost = 0;
  std::vector<long> steps;      ///< after which a look is due, ascending; the first and the last step among them
  std::vector<long> certified;  ///< of these

  bool is_certified(long step) const;
  /// What certified looks after that step will cost.
  double reserved(long after) const;
  /// What looks may have cost by that step, so that those to come can be paid as well.
  double allowed_by(long step) const;
};

inline constexpr long kTrackedProducts = 3;       ///< of a look, usually
inline constexpr long kCertifyingSteps = 22;      ///< mostly fewer
inline constexpr long kLeastCertifyingSteps = 8;  ///< fewer bound nothing from above
inline constexpr int kLookBatches = 2;            ///< of a look at the batch sharpness

/// `first`: the first step at which there is something to look at. Throws InputError where the budget pays for no look.
LookPlan plan_looks(Objective& f, const FollowingOptions& options, long first);

}  // namespace etamax
