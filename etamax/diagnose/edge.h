#pragma once

#include <optional>

#include "etamax/optim/optimizer.h"

namespace etamax {

/// The (preconditioned) curvature at which one root of the optimizer's recurrence is `multiplier`: the factor
/// by which a step at the rate `lr` multiplies the distance to the minimum. For gradient descent that is
/// (1 - multiplier) / lr. The characteristic polynomial of every rule of the table is affine in the
/// curvature, so that two values of it give the root. None for rules without a recurrence, and where no
/// curvature gives that multiplier.
std::optional<double> implied_curvature(const OptimizerSpec& spec, const HyperparameterValues& values, double lr,
                                        double multiplier);

}  // namespace etamax
