#pragma once

#include "etamax/dynamics/experiment.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// Where small steps lead from where `stepper` stands, of an optimizer that divides each coordinate by a size P of its
/// own: downhill as it is seen in coordinates times the root of P, which in several variables is another way than
/// gradient flow's. `end.point` is in the objective's coordinates; the rest is as seen in those.
Descent scaled_descent(const Experiment& experiment, const Stepper& stepper, Cost& cost);

}  // namespace etamax
