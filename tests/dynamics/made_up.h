#pragma once

#include <cmath>

#include "etamax/dynamics/trajectory.h"

namespace etamax {

/// `points` points x(k) in one dimension, with the losses of a function, or else of x^2.
template <typename X>
Trajectory made_up(std::size_t points, X x, const Differentiable* objective = nullptr) {
  Trajectory path(1);
  for (std::size_t k = 0; k < points; ++k) {
    const std::vector<double> point{x(static_cast<double>(k))};
    path.append(point, objective ? objective->value(point) : point[0] * point[0]);
  }
  return path;
}

/// (-1)^k.
inline double side(double k) { return std::fmod(k, 2) == 0 ? 1 : -1; }

}  // namespace etamax
