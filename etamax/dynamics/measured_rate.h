#pragma once

#include <optional>
#include <span>

#include "etamax/dynamics/local_theory.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// In fewer points there is no factor to see.
inline constexpr std::size_t kPointsForRate = 4;

/// The factor from one distance to `center` to the next over the last of the points [0, end), signed in one
/// dimension. Where the factor changes from step to step but its mean does not, the mean; none where that
/// changes too.
std::optional<double> measured_rate(const Trajectory& path, std::size_t end, std::span<const double> center);

/// Whether the second half of points [0, end) changes sides of `center`.
Mode measured_mode(const Trajectory& path, std::size_t end, std::span<const double> center);

/// A measured factor that is one of the local theory's, with the theory's digits; any other as it is. `descent` is
/// the theory's.
double snapped_to_theory(double rate, const LocalTheory& theory, const Descent& descent, double lr);

}  // namespace etamax
