#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "etamax/spectrum/deflated.h"
#include "etamax/spectrum/lanczos.h"
#include "etamax/spectrum/symmetric.h"

/// The K largest eigenvalues, each between bounds. docs/theory.md, section 8, derives them.
namespace etamax {

struct LeadingOptions {
  std::size_t count = 1;      ///< K, at least 1; of a smaller space all are found
  double tolerance = 1e-3;    ///< wanted: residual <= tolerance * the largest magnitude among the K; in (0, 1)
  double confidence = 0.999;  ///< of all upper bounds together, over the random start; in (0, 1)
  double gap = 0.1;           ///< of the bound on all others: as in LanczosOptions
  std::size_t max_products = 1000;
  std::uint64_t seed = 0;
  Progress progress = {};
  /// At least this takes the place of the largest magnitude among the K: at an end of eigenvalues next to 0 no residual
  /// is small beside them.
  double least_size = 0;
};

/// The k-th largest eigenvalue is in [value, upper]: the lower end always, to rounding, by Cauchy's interlacing.
struct LeadingEigenvalue {
  double value = 0;  ///< the k-th largest Ritz value
  double upper = 0;
  double residual = 0;  ///< |A y - value y| of the unit vector y: some eigenvalue is this near
};

template <typename Vector>
struct LeadingResult {
  std::vector<LeadingEigenvalue> eigenvalues;  ///< descending
  std::vector<Vector> vectors;                 ///< orthonormal Ritz vectors, one for each
  double upper_of_others = 0;                  ///< no further eigenvalue is above it; -infinity: there is none
  double confidence = 0;
  std::size_t products = 0;
  bool reached_tolerance = false;
  bool interrupted = false;  ///< the bounds hold, as wide as they were then
};

/// An orthonormal basis that grows by Lanczos steps, all orthogonalised, and is restarted from its best Ritz vectors
/// when it is full (thick restart: Wu and Simon, SIAM J. Matrix Anal. Appl. 22(2), 2000), so that memory stays
/// 2 K + 10 vectors.
template <typename Vector, SymmetricOperator<Vector> Operator>
class RestartedLanczos {
 public:
  RestartedLanczos(Operator& a, std::size_t wanted, std::uint64_t seed)
      : a_(a), wanted_(std::min(wanted, a.dim())), seed_(seed) {
    next_ = fresh();
  }

  std::size_t products() const { return products_; }
  bool exhausted() const { return basis_.size() == a_.dim(); }

  /// One product; a restart first, where the basis is full.
  void step() {
    if (basis_.size() >= 2 * wanted_ + 10) restart(wanted_ + 5);
    basis_.push_back(std::move(next_));
    Vector image = Space<Vector>::zeros(basis_.back());
    a_.apply(basis_.back(), image);
    ++products_;
    std::vector<double> row(basis_.size(), 0.0);
    double before = std::sqrt(Space<Vector>::dot(image, image));
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t i = 0; i < basis_.size(); ++i) {
        const double part = Space<Vector>::dot(basis_[i], image);
        row[i] += part;
        Space<Vector>::add_scaled(image, -part, basis_[i]);
      }
    projected_.append(row);
    beta_ = std::sqrt(Space<Vector>::dot(image, image));
    // What rounding leaves of nothing is nothing: the space so far is invariant, and another start looks for the rest.
    if (beta_ <= 1e-13 * before || exhausted()) beta_ = 0;
    if (exhausted()) return;
    if (beta_ > 0) Space<Vector>::scale(image, 1 / beta_);
    next_ = beta_ > 0 ? std::move(image) : fresh();
  }

  /// The step after this is along what of `v`, which the steps have missed, is orthogonal to the basis.
  void take(Vector v) { next_ = orthogonal(std::move(v)); }

  const std::vector<Vector>& basis() const { return basis_; }
  /// Whether the wanted Ritz pairs are there, with a residual of at most that share of the largest of their magnitudes.
  /// Costs no product, and is an estimate where a vector was taken in.
  bool has_converged(double tolerance, double least_size) const {
    if (basis_.size() < wanted_) return false;
    const SymmetricEigen found = projected_.eigen();
    double largest = least_size, residual = 0;
    for (std::size_t which = found.values.size() - wanted_; which < found.values.size(); ++which) {
      largest = std::max(largest, std::abs(found.values[which]));
      residual = std::max(residual, beta_ * std::abs(found.vectors[which].back()));
    }
    return residual <= tolerance * largest;
  }

  /// The basis becomes its `count` largest Ritz vectors, the largest first.
  void restart(std::size_t count) {
    const SymmetricEigen found = projected_.eigen();
    count = std::min(count, found.values.size());
    std::vector<Vector> kept;
    std::vector<double> values;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t which = found.values.size() - 1 - k;
      Vector sum = Space<Vector>::zeros(basis_.front());
      for (std::size_t i = 0; i < basis_.size(); ++i)
        Space<Vector>::add_scaled(sum, found.vectors[which][i], basis_[i]);
      kept.push_back(std::move(sum));
      values.push_back(found.values[which]);
    }
    basis_ = std::move(kept);
    projected_ = SymmetricMatrix::diagonal(values);
  }

 private:
  Vector fresh() { return orthogonal(random_normal<Vector>(a_, seed_ + 7919 * drawn_++)); }

  /// The unit vector of what is orthogonal to the basis.
  Vector orthogonal(Vector v) const {
    Deflated<Vector, Operator>(a_, basis_).remove(v);
    Space<Vector>::scale(v, 1 / std::sqrt(Space<Vector>::dot(v, v)));
    return v;
  }

  Operator& a_;
  std::size_t wanted_;
  std::uint64_t seed_, drawn_ = 0;
  std::size_t products_ = 0;
  std::vector<Vector> basis_;
  Vector next_;
  SymmetricMatrix projected_;
  double beta_ = 0;
};

/// Bounds of the eigenvalues of A from its Ritz pairs. In a basis that begins with the Ritz vectors A is [Theta E'; E
/// M]. Where M is at most `others`, |E| at most `residual`, and theta above `others`, A has no more eigenvalues above
/// the larger root of the 2 x 2 matrix [theta residual; residual others] than Theta has from theta on (Li and Li,
/// Linear Algebra Appl. 395, 2005); else none above max(theta, others) + residual but those before it (Weyl).
double upper_bound_of(double theta, double residual, double others);

/// The K largest (algebraic) eigenvalues with their vectors: a basis of restarted Lanczos steps until the residuals are
/// small, then certify_spectrum on the complement of the Ritz vectors, which bounds all others. Where that meets one
/// above the last of the K (a second vector of the same eigenvalue, which no Krylov space holds), it is taken in, and
/// both are done again.
///
/// Memory: 2 K + 14 vectors. Products: of the basis, K for the residuals, and some 15 for the complement.
template <typename Vector, SymmetricOperator<Vector> Operator>
LeadingResult<Vector> leading_eigenvalues(Operator& a, const LeadingOptions& options) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t count = std::min(options.count, a.dim());
  RestartedLanczos<Vector, Operator> lanczos(a, count, options.seed);
  LeadingResult<Vector> result;
  result.confidence = options.confidence;
  std::size_t others = 0;  // products
  const auto spent = [&] { return lanczos.products() + others; };
  const auto goes_on = [&](const std::string& words) {
    const double done = static_cast<double>(spent()) / static_cast<double>(options.max_products);
    result.interrupted = options.progress && !options.progress({done, [&] { return words; }});
    return !result.interrupted && spent() < options.max_products;
  };
  for (double failure = (1 - options.confidence) / 2;; failure /= 2) {  // of all rounds together: 1 - confidence
    bool more = true;
    while (more && !lanczos.exhausted() && !lanczos.has_converged(options.tolerance, options.least_size)) {
      lanczos.step();
      more = goes_on(std::to_string(spent()) + " products");
    }
    lanczos.restart(count);
    result.vectors = lanczos.basis();
    result.eigenvalues.clear();
    double square = 0, largest = options.least_size;
    for (const Vector& y : result.vectors) {
      Vector image = Space<Vector>::zeros(y);
      a.apply(y, image);
      ++others;
      const double value = Space<Vector>::dot(y, image);
      Space<Vector>::add_scaled(image, -value, y);
      const double residual = std::sqrt(Space<Vector>::dot(image, image));
      result.eigenvalues.push_back({value, kInfinity, residual});
      square += residual * residual;
      largest = std::max(largest, std::abs(value));
    }
    const double residuals = std::sqrt(square), tolerated = options.tolerance * largest;
    result.reached_tolerance = result.vectors.size() == count;
    for (const LeadingEigenvalue& e : result.eigenvalues)
      result.reached_tolerance = result.reached_tolerance && e.residual <= 1.1 * tolerated;  // the estimate rounds
    result.upper_of_others = result.vectors.size() == a.dim() ? -kInfinity : kInfinity;
    bool missed = false;
    if (more && result.vectors.size() < a.dim()) {
      Deflated<Vector, Operator> rest(a, result.vectors);
      const std::uint64_t seed = options.seed + 104729 * (others + 1);
      const std::size_t left = std::max(options.max_products, spent() + 1) - spent();
      const LanczosResult bound =
          certify_spectrum<Vector>(rest, {options.gap, 1 - failure, left, seed, options.progress, {}, kAnyAsymmetry});
      others += bound.products;
      result.interrupted = bound.interrupted;
      result.upper_of_others = bound.extremes.largest.upper;
      missed = !bound.interrupted && bound.extremes.largest.lower > result.eigenvalues.back().value + tolerated &&
               spent() < options.max_products;
      if (missed) {
        lanczos.take(top_ritz_vector<Vector>(rest, bound.coefficients, seed));
        others += bound.coefficients.steps() - 1;
      }
    }
    for (LeadingEigenvalue& e : result.eigenvalues)
      e.upper = upper_bound_of(e.value, residuals, result.upper_of_others);
    if (!missed) break;
    lanczos.step();
  }
  result.products = spent();
  return result;
}

}  // namespace etamax
