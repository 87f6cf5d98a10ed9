#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// How far to each side of `center` (the minimizer, or the start where there is none) a picture of a run from `start`
/// reaches at least, along one axis.
double picture_reach(double start, double center);
/// How many times that far a picture may reach at most.
inline constexpr double kFarthestShown = 4;

/// Which points of a path in two variables a picture around `center` needs: without the others the line is the same to
/// a fraction of a pixel. From the start to the end, or to where the path leaves what a picture may show, or to the
/// point where the line would become too long to draw; at most 800.
std::vector<std::size_t> drawn_points(const Trajectory& path, std::span<const double> center);

}  // namespace etamax
