#pragma once

#include "etamax/problem/objective.h"
#include "etamax/spectrum/operator.h"

namespace etamax {

/// A problem's vectors, as Krylov methods see them. Objectives draw their own random starts, for only they know what
/// their vectors are made of.
template <>
struct Space<Vector> {
  static std::size_t size(const Vector& x) { return x.size(); }
  static double dot(const Vector& a, const Vector& b) { return a.dot(b); }
  static void add_scaled(Vector& y, double a, const Vector& x) { y.add_scaled(a, x); }
  static void scale(Vector& x, double a) { x.scale(a); }
  static Vector zeros(const Vector& like) { return like.zeros(); }
};

}  // namespace etamax
