#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace etamax {

/// A vector type, seen through the few operations that iterative methods need. Specialise it for a type of
/// your own. Inner products and norms accumulate in 64 bit whatever the entries are: over a million 32-bit
/// numbers a 32-bit sum is off by 2e-4.
///
///     static std::size_t size(const Vector&);
///     static double dot(const Vector& a, const Vector& b);
///     static void add_scaled(Vector& y, double a, const Vector& x);     // y += a x
///     static void scale(Vector& x, double a);                           // x *= a
///     static Vector zeros(const Vector& like);
///     static Vector random_normal(std::size_t n, std::uint64_t seed);   // independent standard normal entries
///
/// The last is not needed where operators draw their starts themselves, as `Vector random_normal(seed)`:
/// those whose vectors live on a device.
template <typename Vector>
struct Space;

template <typename Vector>
concept HasSpace = requires(Vector& y, const Vector& x, double a) {
  { Space<Vector>::size(x) } -> std::convertible_to<std::size_t>;
  { Space<Vector>::dot(x, x) } -> std::same_as<double>;
  { Space<Vector>::zeros(x) } -> std::same_as<Vector>;
  Space<Vector>::add_scaled(y, a, x);
  Space<Vector>::scale(y, a);
};

/// A symmetric linear operator: its dimension, and out = A in. The smallest that a user would write, compiled
/// by tests/spectrum:
///
///     struct Diagonal {
///       Eigen::VectorXd entries;
///       std::size_t dim() const { return entries.size(); }
///       void apply(const Eigen::VectorXd& in, Eigen::VectorXd& out) const { out = entries.cwiseProduct(in);
///       }
///     };
template <typename Operator, typename Vector>
concept SymmetricOperator = HasSpace<Vector> && requires(Operator& a, const Vector& in, Vector& out) {
  { a.dim() } -> std::convertible_to<std::size_t>;
  a.apply(in, out);
};

/// Independent standard normal entries, as the operator or the space draws them.
template <typename Vector, SymmetricOperator<Vector> Operator>
Vector random_normal(const Operator& a, std::uint64_t seed) {
  if constexpr (requires { a.random_normal(seed); })
    return a.random_normal(seed);
  else
    return Space<Vector>::random_normal(a.dim(), seed);
}

}  // namespace etamax
