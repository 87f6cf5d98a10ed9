#pragma once

#include <Eigen/Core>
#include <span>

#include "etamax/core/differentiable.h"

/// An objective between Eigen's vectors.
namespace etamax::detail {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

inline Vector vector_of(std::span<const double> x) {
  return Eigen::Map<const Vector>(x.data(), static_cast<Eigen::Index>(x.size()));
}

inline std::span<const double> view(const Vector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

inline double value_at(const Differentiable& f, const Vector& x) { return f.value(view(x)); }

inline Vector gradient_at(const Differentiable& f, const Vector& x) {
  Vector g(x.size());
  f.gradient(view(x), {g.data(), static_cast<std::size_t>(g.size())});
  return g;
}

inline Matrix hessian_at(const Differentiable& f, const Vector& x) {
  Matrix h(x.size(), x.size());
  f.hessian(view(x), {h.data(), static_cast<std::size_t>(h.size())});
  return h;
}

}  // namespace etamax::detail
