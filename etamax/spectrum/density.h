#pragma once

#include <cstdint>
#include <vector>

#include "etamax/spectrum/lanczos.h"

/// The distribution of all eigenvalues, by stochastic Lanczos quadrature (Golub and Meurant, Matrices, Moments and
/// Quadrature, 2010; Ubaru, Chen and Saad, SIAM J. Matrix Anal. Appl. 38(4), 2017). docs/theory.md, section 8.
namespace etamax {

/// Weights at places on the line, ascending; they add up to 1.
struct Quadrature {
  std::vector<double> nodes, weights;
  /// Some eigenvalue is this near to each node: 0 where it is one, as far as the nodes lie apart where it stands for
  /// many.
  std::vector<double> residuals;

  /// What weight lies at most at x.
  double share_below(double x) const;
  /// The weighted mean of f over the nodes.
  template <typename Function>
  double mean(const Function& f) const {
    double sum = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) sum += weights[i] * f(nodes[i]);
    return sum;
  }
};

/// Of k Lanczos steps from a start q: Gauss's quadrature for the weights that q has along the eigenvectors. Moments
/// q' A^j q are exact up to j = 2 k - 1. Over random starts their mean is trace(A^j) / n.
Quadrature quadrature_of(const LanczosCoefficients& t);

struct DensityOptions {
  std::size_t starts = 5;  ///< at least 2: the band over starts
  std::size_t steps = 80;  ///< products of each start, at most; at least 1
  std::uint64_t seed = 0;
  Progress progress = {};
};

struct SpectralDensity {
  std::vector<Quadrature> of_starts;
  std::size_t products = 0;
  bool interrupted = false;  ///< the starts that are there are whole

  /// The mean over starts of the share of eigenvalues at most at x, and its standard error.
  struct Share {
    double mean = 0, error = 0;
  };
  Share share_below(double x) const;
  /// Of f over all eigenvalues, sum f(lambda) / n.
  template <typename Function>
  Share mean(const Function& f) const {
    std::vector<double> values;
    for (const Quadrature& q : of_starts) values.push_back(q.mean(f));
    return over_starts(values);
  }

 private:
  static Share over_starts(const std::vector<double>& values);
};

/// Products: starts times steps, or fewer where the space is used up.
template <typename Vector, SymmetricOperator<Vector> Operator>
SpectralDensity spectral_density(Operator& a, const DensityOptions& options) {
  SpectralDensity density;
  const double all = static_cast<double>(options.starts * options.steps);
  for (std::size_t start = 0; start < options.starts && !density.interrupted; ++start) {
    LanczosRecurrence<Vector, Operator> lanczos(a, options.seed + 15485863 * start);
    while (!density.interrupted && !lanczos.exhausted() && lanczos.coefficients().steps() < options.steps) {
      density.interrupted = !lanczos.try_step();
      if (density.interrupted) break;
      ++density.products;
      const double done = static_cast<double>(start * options.steps + lanczos.coefficients().steps()) / all;
      density.interrupted = options.progress && done < 1 && !options.progress(done);
    }
    if (!density.interrupted) density.of_starts.push_back(quadrature_of(lanczos.coefficients()));
  }
  return density;
}

}  // namespace etamax
