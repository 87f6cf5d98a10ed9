#include "etamax/spectrum/density.h"

#include <cmath>

#include "etamax/core/statistics.h"
#include "etamax/spectrum/symmetric.h"

namespace etamax {

double Quadrature::share_below(double x) const {
  return mean([x](double node) { return node <= x ? 1.0 : 0.0; });
}

Quadrature quadrature_of(const LanczosCoefficients& t) {
  const SymmetricEigen eigen = tridiagonal_eigen(t);
  Quadrature found{eigen.values, {}, {}};
  for (const std::vector<double>& vector : eigen.vectors) {
    found.weights.push_back(vector.front() * vector.front());
    found.residuals.push_back(t.subdiagonal.back() * std::abs(vector.back()));
  }
  return found;
}

SpectralDensity::Share SpectralDensity::share_below(double x) const {
  return mean([x](double node) { return node <= x ? 1.0 : 0.0; });
}

SpectralDensity::Share SpectralDensity::over_starts(const std::vector<double>& values) {
  return {etamax::mean(values), standard_error(values)};
}

}  // namespace etamax
