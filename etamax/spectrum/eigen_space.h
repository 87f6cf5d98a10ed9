#pragma once

#include <Eigen/Core>
#include <random>

#include "etamax/spectrum/operator.h"

namespace etamax {

/// Eigen's column vectors of float or double.
template <typename Scalar>
struct Space<Eigen::Matrix<Scalar, Eigen::Dynamic, 1>> {
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  static std::size_t size(const Vector& x) { return static_cast<std::size_t>(x.size()); }
  static double dot(const Vector& a, const Vector& b) {
    return a.template cast<double>().dot(b.template cast<double>());
  }
  static void add_scaled(Vector& y, double a, const Vector& x) { y += static_cast<Scalar>(a) * x; }
  static void scale(Vector& x, double a) { x *= static_cast<Scalar>(a); }
  static Vector zeros(const Vector& like) { return Vector::Zero(like.size()); }
  static Vector random_normal(std::size_t n, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    return Vector::NullaryExpr(static_cast<Eigen::Index>(n), [&] { return static_cast<Scalar>(normal(random)); });
  }
};

}  // namespace etamax
