#include "etamax/spectrum/certify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "etamax/core/bisection.h"
#include "etamax/spectrum/detail_symmetric.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A power of two by which the entries of T are of the size 1, where they are so small that Eigen takes couplings for
/// nothing: it holds their squares against their size.
double scale_of(const LanczosCoefficients& t) {
  constexpr double kSmall = 1e-10;
  double largest = 0;
  for (const auto* entries : {&t.diagonal, &t.subdiagonal})
    for (const double entry : *entries) largest = std::max(largest, std::abs(entry));
  return largest > 0 && largest < kSmall ? std::ldexp(1.0, std::ilogb(largest)) : 1;
}

/// Of T over scale_of(T).
Solved solve(const LanczosCoefficients& t, int what) {
  const auto k = static_cast<Eigen::Index>(t.steps());
  Solved solver;
  const double scale = scale_of(t);
  const Eigen::VectorXd diagonal = Eigen::Map<const Eigen::VectorXd>(t.diagonal.data(), k) / scale;
  const Eigen::VectorXd subdiagonal = Eigen::Map<const Eigen::VectorXd>(t.subdiagonal.data(), k - 1) / scale;
  solver.computeFromTridiagonal(diagonal, subdiagonal, what);
  return solver;
}

/// log p_k(x) above the largest Ritz value: p_0 = 1, beta_j p_{j+1} = (x - alpha_j) p_j - beta_{j-1} p_{j-1}.
/// Every p_j is positive there, so the ratios are followed, which do not overflow. `sign` -1 asks for -A, at
/// -x.
double log_lanczos_polynomial(const LanczosCoefficients& t, double x, double sign) {
  double log_p = 0, ratio = 0;
  for (std::size_t j = 0; j < t.steps(); ++j) {
    double next = x - sign * t.diagonal[j];
    if (j > 0) next -= t.subdiagonal[j - 1] / ratio;
    if (!(next > 0)) return -kInfinity;
    ratio = next / t.subdiagonal[j];
    log_p += std::log(ratio);
  }
  return log_p;
}

/// The x above the largest Ritz value of sign * A at which p_k(x) = 1 / delta.
double a_posteriori(const LanczosCoefficients& t, double ritz, double range, double sign, double delta) {
  const double target = -std::log(delta);
  const auto reaches = [&](double x) { return log_lanczos_polynomial(t, x, sign) >= target; };
  double low = ritz, step = std::max(range, std::abs(ritz)) * 1e-12 + std::numeric_limits<double>::min();
  while (!reaches(ritz + step)) {
    low = ritz + step;
    step *= 2;
    if (!std::isfinite(step)) return kInfinity;
  }
  const auto is_below = [&](double x) { return !reaches(x); };
  const auto narrow = [&](const Bracket& b) { return b.high - b.low <= 1e-6 * (b.high - ritz); };
  return bisected({low, ritz + step}, is_below, narrow, halfway, 60).high;
}

/// With probability 1 - e each: b - ritz_max <= eps (b - a) and ritz_min - a <= eps (b - a), so b - a <= R /
/// (1 - 2 eps) for the Ritz values' own range R. Returns the distance that b may lie above ritz_max.
double a_priori(const LanczosCoefficients& t, double range, double e) {
  const double n = static_cast<double>(t.dimension), k = static_cast<double>(t.steps());
  const double root = std::log(1.648 * std::sqrt(n) / e) / (2 * k - 1);
  const double eps = root * root;
  return eps < 0.5 ? eps * range / (1 - 2 * eps) : kInfinity;
}

}  // namespace

SymmetricEigen tridiagonal_eigen(const LanczosCoefficients& t) {
  SymmetricEigen eigen = as_plain(solve(t, Eigen::ComputeEigenvectors));
  for (double& value : eigen.values) value *= scale_of(t);
  return eigen;
}

std::vector<double> ritz_values(const LanczosCoefficients& t) {
  const Eigen::VectorXd values = solve(t, Eigen::EigenvaluesOnly).eigenvalues() * scale_of(t);
  return {values.data(), values.data() + values.size()};
}

std::vector<double> top_ritz_coordinates(const LanczosCoefficients& t) {
  const Eigen::VectorXd vector = solve(t, Eigen::ComputeEigenvectors).eigenvectors().rightCols<1>();
  return {vector.data(), vector.data() + vector.size()};
}

std::vector<double> bottom_ritz_coordinates(const LanczosCoefficients& t) {
  const Eigen::VectorXd vector = solve(t, Eigen::ComputeEigenvectors).eigenvectors().leftCols<1>();
  return {vector.data(), vector.data() + vector.size()};
}

double smallest_component(std::size_t n, double e) {
  if (n <= 1) return 1;
  if (n == 2) return std::sin(std::numbers::pi * e / 2);
  const double half = static_cast<double>(n) / 2;
  return e * std::sqrt(std::numbers::pi) / 2 * std::exp(std::lgamma(half - 0.5) - std::lgamma(half));
}

CertifiedExtremes certified_extremes(const LanczosCoefficients& t, double confidence) {
  const std::vector<double> ritz = ritz_values(t);
  const double range = ritz.back() - ritz.front(), failure = 1 - confidence;
  // A quarter for the component along each of the two eigenvectors: one event each, whatever the number of
  // steps. Half for the a priori bound, which holds for one number of steps k only: 1 / (k (k + 1)) of it,
  // which adds up to 1, and half of that for either end.
  const double k = static_cast<double>(t.steps());
  const double delta = smallest_component(t.dimension, failure / 4);
  const double slack = a_priori(t, range, failure / 4 / (k * (k + 1)));
  const auto end = [&](double extreme, double sign) {  // of sign * A, from above
    const double posterior = a_posteriori(t, sign * extreme, range, sign, delta), prior = sign * extreme + slack;
    return std::pair(std::min(posterior, prior), prior < posterior ? BoundKind::a_priori : BoundKind::a_posteriori);
  };
  const auto [top, top_kind] = end(ritz.back(), 1);
  const auto [bottom, bottom_kind] = end(ritz.front(), -1);
  return {{ritz.back(), top, confidence, top_kind}, {-bottom, ritz.front(), confidence, bottom_kind}};
}

}  // namespace etamax
