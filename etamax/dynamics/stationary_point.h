#pragma once

#include <span>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/core/differentiable.h"

namespace etamax {

/// What the values around a point say of it: what a zero Hessian cannot tell.
struct Surroundings {
  PointKind kind = PointKind::flat;
  bool at_domain_edge = false;  ///< the objective is not a number at one of them
};
/// It is looked around at distances from 1e-4 of the largest coordinate on, but from `least_radius` on where that is
/// (nearly) 0.
Surroundings look_around(const Differentiable& objective, std::span<const double> x, double least_radius = 1e-7);

/// What kind of stationary point x is: by the Hessian where it decides, else by looking around. Where a run has
/// `traveled` so far to it and the value is the same a tenth of that away, in every direction, it is flat, whatever
/// sign a curvature of 1e-300 has.
PointKind classify_point(const Differentiable& objective, std::span<const double> x, double traveled = 0);

/// Whether the slope at x, which is not 0, is that of x and not another one in its last digits, as that of tan(x) at
/// 1e17.
bool slope_is_resolved(const Differentiable& objective, std::span<const double> x);

/// Whether that slope is much steeper at this distance along it, on both sides: a stationary point lies in between, or
/// nearly. Not so where the function changes faster than the digits of x.
bool slope_vanishes_beside(const Differentiable& objective, std::span<const double> x, double distance);

/// Whether the gradient jumps at x (a corner, as of abs(x) at 0): a millionth of the way `traveled` to it from it, it
/// still has a size of the order of `steepest`, the way's largest.
bool slope_jumps(const Differentiable& objective, std::span<const double> x, double traveled, double steepest);

/// Whether the curvature grows without end toward x though the slope vanishes there, as of abs(x)^1.5 at 0: on some
/// side of it, along the axis of the largest curvature, from decade to decade of the distance, from a thousandth of the
/// way `traveled` down to the last digits.
bool curvature_is_unbounded(const Differentiable& f, std::span<const double> x, double traveled);

/// Whether the curvature along one of the directions is another right beside the point on each side, where it is not
/// all but 0 on both; `traveled`: the length of the way to the point.
bool curvature_jumps(const Differentiable& objective, std::span<const double> point,
                     const std::vector<std::vector<double>>& directions, double traveled);

/// Whether the value falls along a direction without curvature (`eigenvalues`, 0), where it first changes at all: from
/// `least_radius` on. In the directions that have some it gives way, as to the bottom of a bent valley: x^2 - y^2*x
/// falls along x = y^2/2.
bool falls_where_flat(const Differentiable& objective, std::span<const double> x, std::span<const double> eigenvalues,
                      const std::vector<std::vector<double>>& vectors, double least_radius);

/// Whether along every axis the slope is 0 right beside the point, on one side at least.
bool stands_on_flat(const Differentiable& objective, std::span<const double> point, double beside);

/// Eigenvalues of the Hessian, ascending, and their eigenvectors; none where it is not finite.
struct Spectrum {
  std::vector<double> eigenvalues;
  std::vector<std::vector<double>> vectors;
};
/// Curvature of at most `negligible` counts as 0, being that of the last digits of x, unless it is the same at a
/// distance `beside` along its eigenvector. So does one that is another on both sides, no farther away than the point
/// may be from where the slope is 0: that of (x - 1)^3 close to 1.
Spectrum spectrum_at(const Differentiable& objective, std::span<const double> x, double negligible, double beside);

}  // namespace etamax
