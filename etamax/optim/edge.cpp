// The stability edge and the fastest rate, from a rule's recurrence alone.
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/bisection.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

double eigenvalue_radius(const Eigen::MatrixXd& matrix) {
  return Eigen::EigenSolver<Eigen::MatrixXd>(matrix, false).eigenvalues().cwiseAbs().maxCoeff();
}

/// Written out: Eigen's determinant of a dynamic matrix goes through an LU factorization, which rounds.
double determinant2(const Eigen::MatrixXd& a) { return a(0, 0) * a(1, 1) - a(0, 1) * a(1, 0); }

/// Whether every eigenvalue lies inside the unit circle: for one or two by the Schur-Cohn conditions, which
/// stay exact where eigenvalues coincide. An eigenvalue of +1 would let a point other than the minimum stand
/// still, which positive curvature rules out; at small rates it is only nearer to 1 than rounding shows,
/// hence the allowance on that side.
bool is_stable(const Eigen::MatrixXd& matrix) {
  constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();
  if (!matrix.allFinite()) return false;
  if (matrix.rows() == 1) return -1 < matrix(0, 0) && matrix(0, 0) <= 1;
  if (matrix.rows() > 2) return eigenvalue_radius(matrix) < 1 + kRounding;
  const double trace = matrix.trace(), determinant = determinant2(matrix);
  return 1 + trace + determinant > 0 && 1 - trace + determinant >= -kRounding && determinant < 1;
}

/// A minimizer over [a, b] of a function that falls, then rises: by golden section.
template <typename Function>
double minimizer(double a, double b, Function f) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  for (int k = 0; k < 80; ++k) {
    const double c = b - golden * (b - a), d = a + golden * (b - a);
    if (f(c) <= f(d))
      b = d;
    else
      a = c;
  }
  return a + (b - a) / 2;
}

}  // namespace

double spectral_radius(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  const Eigen::MatrixXd matrix = spec.recurrence(values, lr, lambda);
  if (!matrix.allFinite()) return std::numeric_limits<double>::infinity();
  if (matrix.rows() == 1) return std::abs(matrix(0, 0));
  if (matrix.rows() > 2) return eigenvalue_radius(matrix);
  const double half = std::abs(matrix.trace()) / 2, determinant = determinant2(matrix);
  const double discriminant = half == 0 ? -determinant : 1 - determinant / half / half;  // in units of half^2
  if (discriminant < 0) return std::sqrt(determinant);                                   // a conjugate pair
  return half == 0 ? std::sqrt(discriminant) : half * (1 + std::sqrt(discriminant));
}

std::optional<double> stability_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda) {
  if (!spec.recurrence || !(lambda > 0)) return {};
  const auto stable = [&](double lr) { return is_stable(spec.recurrence(values, lr, lambda)); };
  // Where trace and determinant are affine in lr, as in every rule here (a test asserts it), each Schur-Cohn
  // condition is a half-line of lr, so the stable rates form one interval (0, edge): any stable rate leads to
  // its end. A longer recurrence may have several intervals; of those, the one nearest below 1 / lambda is
  // followed to its end.
  constexpr double kLargest = std::numeric_limits<double>::max();
  double below = std::min(1 / lambda, kLargest);
  while (below > 0 && !stable(below)) below /= 4;
  if (below == 0) return {};
  double above = std::min(2 * below, kLargest);
  while (stable(above)) {
    if (above == kLargest) return {};
    below = above, above = std::min(2 * above, kLargest);
  }
  return last_where(below, above, stable);
}

std::optional<double> fastest_rate(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda_min,
                                   double lambda_max) {
  const auto edge = stability_edge(spec, values, lambda_max);
  if (!edge || !(lambda_min > 0) || !(lambda_min <= lambda_max)) return {};
  const auto flattest = [&](double lr) { return spectral_radius(spec, values, lr, lambda_min); };
  const auto sharpest = [&](double lr) { return spectral_radius(spec, values, lr, lambda_max); };
  const auto worst = [&](double lr) { return std::max(flattest(lr), sharpest(lr)); };
  // As lr grows from 0, each radius falls from 1, then rises to 1 at its edge: a radius is at most c where
  // the Schur-Cohn conditions hold for z / c, which is an interval, as for c = 1. So does the worst of the
  // two.
  const double best = minimizer(0, *edge, worst);
  const double enough = worst(best) * (1 + 1e-12);
  // Mostly the flattest direction is still getting faster when the sharpest overtakes it. The minimum is then
  // a crossing, which can be found more exactly than any minimum.
  const double crossing = last_where(0, *edge, [&](double lr) { return sharpest(lr) <= flattest(lr); });
  const double before = crossing * (1 - 1e-6);
  if (worst(crossing) <= enough && sharpest(before) < flattest(before)) return crossing;
  // Else it may be an interval: where eigenvalues are complex, momentum alone sets their radius.
  const double first = -last_where(-best, 0, [&](double lr) { return worst(-lr) <= enough; });
  const double last = last_where(best, *edge, [&](double lr) { return worst(lr) <= enough; });
  return first + (last - first) / 2;
}

std::optional<double> mini_batch_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda,
                                      double variance) {
  const std::optional<double> edge = stability_edge(spec, values, lambda);
  if (!edge || variance == 0) return edge;
  const auto stable = [&](double lr) {
    const Eigen::MatrixXd a = spec.recurrence(values, lr, lambda), d = spec.recurrence(values, lr, 2 * lambda) - a;
    const double relative = variance / (lambda * lambda);
    const Eigen::Index k = a.rows();
    Eigen::MatrixXd moments(k * k, k * k);
    for (Eigen::Index i = 0; i < k; ++i)
      for (Eigen::Index j = 0; j < k; ++j) moments.block(i * k, j * k, k, k) = a(i, j) * a + relative * d(i, j) * d;
    return eigenvalue_radius(moments) < 1;
  };
  // The first rate that is not stable, then closer; stability may come back above it.
  constexpr double kRatio = 1.05;
  double low = *edge * std::min(1.0, lambda * lambda / variance) * 1e-3, high = low;
  while (!stable(low) && low > *edge * 1e-30) high = low, low /= 10;
  while (high < *edge && stable(high)) low = high, high *= kRatio;
  high = std::min(high, *edge);
  const auto narrow = [](const Bracket& b) { return b.high <= b.low * (1 + 1e-7); };
  const auto geometric = [](double a, double b) { return std::sqrt(a * b); };
  return bisected({low, high}, stable, narrow, geometric).low;
}

}  // namespace etamax
