#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/interval.h"
#include "etamax/core/progress.h"
#include "etamax/spectrum/certify.h"
#include "etamax/spectrum/operator.h"

namespace etamax {

/// What the largest eigenvalue, by its bounds so far, says to somebody who waits. Empty: what it is.
using ToldEigenvalue = std::function<std::string(const Interval& largest)>;

/// How far apart u'Av and v'Au may lie, relative to the products, before an operator is refused as not symmetric:
/// rounding in 32 bit stays far below. Where products cancel, as those of a Hessian may, it need not.
inline constexpr double kUsualAsymmetry = 1e-3, kAnyAsymmetry = std::numeric_limits<double>::infinity();

struct LanczosOptions {
  double gap = 0.1;           ///< wanted: (upper - lower) / upper of the largest eigenvalue at most this; in (0, 1)
  double confidence = 0.999;  ///< of all bounds together, over the random start; in (0, 1)
  std::size_t max_steps = 200;
  std::uint64_t seed = 0;  ///< of the start
  Progress progress;
  ToldEigenvalue told = {};
  double most_asymmetry = kUsualAsymmetry;
};

struct LanczosResult {
  LanczosCoefficients coefficients;
  CertifiedExtremes extremes;
  bool reached_gap = false;  ///< false: max_steps were not enough, and the interval is as wide as it says
  std::size_t products = 0;  ///< matrix-vector products
  bool interrupted = false;  ///< the user asked to stop: the bounds hold, but are as wide as they were then
};

/// Runs the three-term recurrence in place: `current` and `previous` are unit vectors, and the next one
/// replaces the older. No reorthogonalisation: the bounds above do not need it (docs/theory.md, section 8),
/// and memory stays three vectors.
template <typename Vector, SymmetricOperator<Vector> Operator>
class LanczosRecurrence {
 public:
  LanczosRecurrence(Operator& a, std::uint64_t seed)
      : a_(a),
        current_(random_normal<Vector>(a, seed)),
        previous_(Space<Vector>::zeros(current_)),
        product_(Space<Vector>::zeros(current_)) {
    Space<Vector>::scale(current_, 1 / std::sqrt(Space<Vector>::dot(current_, current_)));
    t_.dimension = a.dim();
  }

  /// The basis vector of the step that comes next.
  const Vector& basis_vector() const { return current_; }
  const LanczosCoefficients& coefficients() const { return t_; }
  /// The whole space is used up: there is no next step.
  bool exhausted() const { return t_.steps() > 0 && t_.subdiagonal.back() == 0; }
  /// |u'Av - v'Au| / |Av| times |v'Au| / |Au|, for the first two basis vectors u and v, known from the second step on:
  /// 0, but for rounding, where A is symmetric, and for hardly any start where it is not.
  double asymmetry() const { return asymmetry_; }

  /// One product.
  void step() {
    a_.apply(current_, product_);
    const double beta = t_.steps() > 0 ? t_.subdiagonal.back() : 0;
    if (t_.steps() == 1) {
      const double product = std::sqrt(Space<Vector>::dot(product_, product_));
      const double apart = std::abs(Space<Vector>::dot(product_, previous_) - beta);
      if (apart > 0) asymmetry_ = apart / product * (beta / std::hypot(t_.diagonal[0], beta));
    }
    if (beta != 0) Space<Vector>::add_scaled(product_, -beta, previous_);
    const double alpha = Space<Vector>::dot(product_, current_);
    Space<Vector>::add_scaled(product_, -alpha, current_);
    double next = std::sqrt(Space<Vector>::dot(product_, product_));
    largest_ = std::max({largest_, std::abs(alpha), beta});
    // What rounding leaves of nothing is nothing.
    if (t_.steps() + 1 >= t_.dimension || next <= 1e-14 * largest_) next = 0;
    t_.diagonal.push_back(alpha);
    t_.subdiagonal.push_back(next);
    if (next == 0) return;
    Space<Vector>::scale(product_, 1 / next);
    std::swap(previous_, current_);
    std::swap(current_, product_);
  }

  /// A step, unless the product is broken off in its midst: false, and all is as it was.
  bool try_step() {
    try {
      step();
      return true;
    } catch (const Interrupted&) {
      return false;
    }
  }

 private:
  Operator& a_;
  Vector current_, previous_, product_;
  LanczosCoefficients t_;
  double largest_ = 0, asymmetry_ = 0;
};

/// Throws InputError for the field "operator", with both numbers, where it is more than `most`.
void check_symmetry(double asymmetry, double most);

template <typename Vector>
Vector copied(const Vector& v) {
  Vector copy = Space<Vector>::zeros(v);
  Space<Vector>::add_scaled(copy, 1, v);
  return copy;
}

/// For somebody who waits: "9 products, top eigenvalue 0.3 to 0.41 (wanted: 10%)".
std::string progress_text(const LanczosResult& result, const LanczosOptions& options);

/// Certified intervals for the largest and the smallest (algebraic) eigenvalue. Looks after every product,
/// and stops when the largest one is known to `gap`, when the progress says so, or when a product throws Interrupted;
/// where that is the first one nothing is known, and it throws it too. Throws InputError where the second product shows
/// that the operator is not symmetric: it has no such bounds.
///
/// `basis`: where to keep the first basis vectors, `keep` of them at most, for top_ritz_vector.
template <typename Vector, SymmetricOperator<Vector> Operator>
LanczosResult certify_spectrum(Operator& a, const LanczosOptions& options, std::vector<Vector>* basis = nullptr,
                               std::size_t keep = 0) {
  LanczosRecurrence<Vector, Operator> lanczos(a, options.seed);
  LanczosResult result;
  while (!result.reached_gap && !lanczos.exhausted() && lanczos.coefficients().steps() < options.max_steps &&
         !result.interrupted) {
    if (basis && basis->size() < keep) basis->push_back(copied(lanczos.basis_vector()));
    result.interrupted = !lanczos.try_step();
    if (result.interrupted) break;
    check_symmetry(lanczos.asymmetry(), options.most_asymmetry);
    ++result.products;
    result.extremes = certified_extremes(lanczos.coefficients(), options.confidence);
    const CertifiedEigenvalue& top = result.extremes.largest;
    const double scale = std::max(std::abs(top.lower), std::abs(top.upper));
    result.reached_gap = top.upper - top.lower <= options.gap * scale || lanczos.exhausted();
    const double done = static_cast<double>(result.products) / static_cast<double>(options.max_steps);
    result.interrupted = options.progress && !options.progress({done, [&] { return progress_text(result, options); }});
  }
  if (result.products == 0 && result.interrupted) throw Interrupted();
  result.coefficients = lanczos.coefficients();
  return result;
}

struct EstimateOptions {
  double tolerance = 1e-2;  ///< stop when |A y - value y| <= tolerance * |value| for the unit Ritz vector y; in (0, 1)
  std::size_t max_steps = 200;
  std::uint64_t seed = 0;  ///< of the start
  Progress progress;
  ToldEigenvalue told = {};
  double most_asymmetry = kAnyAsymmetry;
};

/// A point estimate. `value` is a lower bound of the largest eigenvalue, and some eigenvalue lies within `residual` of
/// it; nothing says that it is the largest.
struct EigenvalueEstimate {
  double value = 0, residual = 0;
  bool reached_tolerance = false;
  std::size_t products = 0;
  LanczosCoefficients coefficients;
};

/// "9 products, top eigenvalue 0.41".
std::string progress_text(const EigenvalueEstimate& estimate, const EstimateOptions& options);

/// The largest Ritz value, until its residual is small: what remains when no confidence is asked for, as other tools
/// do. The residual of the Ritz vector is beta_k times its last coordinate, which costs no product. Throws Interrupted
/// where the progress says so. `basis`, `keep`: as for certify_spectrum.
template <typename Vector, SymmetricOperator<Vector> Operator>
EigenvalueEstimate estimate_largest(Operator& a, const EstimateOptions& options, std::vector<Vector>* basis = nullptr,
                                    std::size_t keep = 0) {
  LanczosRecurrence<Vector, Operator> lanczos(a, options.seed);
  EigenvalueEstimate result;
  while (!result.reached_tolerance && !lanczos.exhausted() && result.products < options.max_steps) {
    if (basis && basis->size() < keep) basis->push_back(copied(lanczos.basis_vector()));
    lanczos.step();
    check_symmetry(lanczos.asymmetry(), options.most_asymmetry);
    ++result.products;
    const LanczosCoefficients& t = lanczos.coefficients();
    result.value = ritz_values(t).back();
    result.residual = t.subdiagonal.back() * std::abs(top_ritz_coordinates(t).back());
    result.reached_tolerance = result.residual <= options.tolerance * std::abs(result.value);
    report_progress(options.progress, static_cast<double>(result.products) / static_cast<double>(options.max_steps),
                    [&] { return progress_text(result, options); });
  }
  result.coefficients = lanczos.coefficients();
  return result;
}

/// The unit vectors of these coordinates in the basis of the recurrence: Ritz vectors. Where all basis vectors were
/// kept they cost no product; else the same steps are made again, as many products as before, and a vector more for
/// each. Throws Interrupted where the progress says so.
template <typename Vector, SymmetricOperator<Vector> Operator>
std::vector<Vector> ritz_vectors(Operator& a, const std::vector<std::vector<double>>& coordinates, std::uint64_t seed,
                                 const std::vector<Vector>& basis = {}, const Progress& progress = {}) {
  const std::size_t steps = coordinates.front().size();
  std::vector<Vector> sums;
  const auto add = [&](std::size_t j, const Vector& basis_vector) {
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
      if (j == 0) sums.push_back(Space<Vector>::zeros(basis_vector));
      Space<Vector>::add_scaled(sums[i], coordinates[i][j], basis_vector);
    }
  };
  if (basis.size() == steps) {
    for (std::size_t j = 0; j < steps; ++j) add(j, basis[j]);
  } else {
    LanczosRecurrence<Vector, Operator> lanczos(a, seed);
    for (std::size_t j = 0; j < steps; ++j) {
      add(j, lanczos.basis_vector());
      report_progress(progress, static_cast<double>(j) / static_cast<double>(steps));
      if (j + 1 < steps) lanczos.step();
    }
  }
  for (Vector& sum : sums) Space<Vector>::scale(sum, 1 / std::sqrt(Space<Vector>::dot(sum, sum)));
  return sums;
}

/// That of the largest Ritz value alone.
template <typename Vector, SymmetricOperator<Vector> Operator>
Vector top_ritz_vector(Operator& a, const LanczosCoefficients& t, std::uint64_t seed,
                       const std::vector<Vector>& basis = {}) {
  return ritz_vectors<Vector>(a, {top_ritz_coordinates(t)}, seed, basis).front();
}

}  // namespace etamax
