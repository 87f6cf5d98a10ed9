#pragma once

#include <cstddef>
#include <vector>

#include "etamax/spectrum/symmetric.h"

/// From the coefficients of k Lanczos steps to intervals that hold the extreme eigenvalues with a chosen
/// confidence. The formulas are derived in docs/theory.md, section 8.
namespace etamax {

/// The tridiagonal matrix T of k Lanczos steps on a symmetric operator of dimension n, from a uniformly
/// random unit start: diagonal[j] = alpha_j, subdiagonal[j] = beta_j >= 0 couples j and j + 1; subdiagonal[k - 1] is
/// the norm of what is left over.
struct LanczosCoefficients {
  std::size_t dimension = 0;
  std::vector<double> diagonal, subdiagonal;
  std::size_t steps() const { return diagonal.size(); }
};

SymmetricEigen tridiagonal_eigen(const LanczosCoefficients& t);

/// Eigenvalues of T, ascending: the Ritz values. The first and last bound the spectrum from inside.
std::vector<double> ritz_values(const LanczosCoefficients& t);

/// The eigenvector of T at its largest eigenvalue: the coordinates of the Ritz vector in the Lanczos basis. And at its
/// smallest.
std::vector<double> top_ritz_coordinates(const LanczosCoefficients& t);
std::vector<double> bottom_ritz_coordinates(const LanczosCoefficients& t);

/// Which of the two upper bounds was the better one.
enum class BoundKind { a_priori, a_posteriori };

/// [lower, upper] holds the eigenvalue with probability `confidence` over the random start, whatever the
/// spectrum. One end is the Ritz value and always holds (to rounding); the other is the better of
/// * a priori: Kuczynski and Wozniakowski, SIAM J. Matrix Anal. Appl. 13(4), 1992, theorem 3.2 (for A - a I,
/// a from the
///   same theorem at the other end);
/// * a posteriori: van Dorsselaer, Hochstenbach and van der Vorst, SIAM J. Matrix Anal. Appl. 22(3), 2000.
struct CertifiedEigenvalue {
  double lower = 0, upper = 0;
  double confidence = 0;
  BoundKind kind = BoundKind::a_posteriori;
};

struct CertifiedExtremes {
  CertifiedEigenvalue largest, smallest;
};

/// Both ends at once: all four bounds, at every number of steps at which one may have looked and stopped,
/// hold together with probability `confidence` in (0, 1). Needs at least one step. A bound that says nothing
/// yet is infinite.
CertifiedExtremes certified_extremes(const LanczosCoefficients& t, double confidence);

/// The smallest component along a fixed direction that a uniformly random unit vector of n dimensions has
/// with probability 1 - e: exact for n <= 2, from below otherwise (the density of a coordinate is largest at
/// 0), asymptotically e sqrt(pi / (2 n)).
double smallest_component(std::size_t n, double e);

}  // namespace etamax
