#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "etamax/spectrum/lanczos.h"

namespace etamax {

/// Follows the largest eigenvalue of an operator that changes slowly, as a Hessian does in training, at a
/// product or two for each look. The first look is a whole estimate; each later one starts from the vector of
/// the look before. With one product it takes the Rayleigh quotient there, and a step of the power method (on
/// A - shift, so that it goes to the largest eigenvalue and not to the largest in magnitude) for the look to
/// come; with more, that many steps of Lanczos. The value is a lower bound, and `residual` the distance
/// within which an eigenvalue lies. A look that finds the vector gone astray, its residual beyond `lost` or
/// its value fallen by more than that, is done again in full: so it is after a jump, and while training is in
/// its first, fast steps.
struct TrackOptions {
  std::size_t products = 1;  ///< for each look, at least 1; memory is that many vectors and three more
  double tolerance = 1e-2;   ///< of the first look, and of one done again: residual over value
  double lost = 0.25;        ///< residual at the vector, or fall, over value: beyond it a look is done again; above
                             ///< `tolerance`
  std::size_t max_steps = 100;
  std::uint64_t seed = 0;
  Progress progress = {};  ///< asked during a whole estimate
  /// For a look whose residual is above `settled` times the value after `products`; 0: no more than those. The residual
  /// after them is then what `lost` is about.
  std::size_t most_products = 0;
  double settled = 0.1;
  std::size_t keep = 0;  ///< basis vectors of a whole estimate, in memory: those of more steps are made a second time
};

template <typename Vector>
class EigenvalueTracker {
 public:
  explicit EigenvalueTracker(TrackOptions options = {}) : options_(options) {}

  struct Look {
    double value = 0, residual = 0;
    std::size_t products = 0;
    bool in_full = false;
    bool astray = false;  ///< `allowed` did not suffice: the value is no estimate of the largest eigenvalue
  };

  /// At most `allowed` products, at least 1. Throws Interrupted where an estimate does.
  template <SymmetricOperator<Vector> Operator>
  Look look(Operator& a, std::size_t allowed = std::numeric_limits<std::size_t>::max()) {
    Look now;
    if (vector_) {
      now = from_the_last(a, allowed);
      const bool fell = now.value < value_ - options_.lost * std::abs(value_);
      if (!fell && astray_ <= options_.lost * std::abs(now.value)) {
        value_ = now.value;
        return now;
      }
    }
    const std::size_t spent = now.products;
    const std::size_t steps = std::min(options_.max_steps, estimated_within(allowed - spent));
    if (steps == 0) return now.astray = true, now;
    std::vector<Vector> basis;
    const EigenvalueEstimate whole = estimate_largest<Vector>(
        a, {options_.tolerance, steps, options_.seed, options_.progress}, &basis, options_.keep);
    const bool kept = basis.size() == whole.coefficients.steps();
    vector_ = top_ritz_vector<Vector>(a, whole.coefficients, options_.seed, basis);
    set_value(whole.value, ritz_values(whole.coefficients).front());
    const std::size_t again = kept ? 0 : whole.coefficients.steps() - 1;
    const bool astray = steps < options_.max_steps && whole.residual > options_.lost * std::abs(whole.value);
    return {whole.value, whole.residual, spent + whole.products + again, true, astray};
  }

  /// The steps of a whole estimate that so many products pay for, its vector included.
  std::size_t estimated_within(std::size_t products) const {
    const std::size_t twice = products / 2 + products % 2;  // all steps but the last are made again
    return std::max(std::min(products, options_.keep), twice);
  }

  /// As if the last look had found this: a unit vector, its value, and about where the smallest eigenvalue is. The next
  /// look starts from it.
  void begin_at(Vector unit, double value, double lowest) {
    vector_ = std::move(unit);
    set_value(value, lowest);
  }

  /// What the next look starts from: as it was, it looks at the same.
  struct Trail {
    std::optional<Vector> vector;
    double value = 0, shift = 0;
  };
  Trail trail() const { return {vector_, value_, shift_}; }
  void carry_on(Trail trail) { vector_ = std::move(trail.vector), value_ = trail.value, shift_ = trail.shift; }

  /// The unit vector from which the next look starts.
  const std::optional<Vector>& vector() const { return vector_; }

 private:
  void set_value(double value, double lowest) {
    value_ = value;
    shift_ = value != 0 ? (lowest + kShift * (value - lowest)) / value : 0;
  }

  template <SymmetricOperator<Vector> Operator>
  Look from_the_last(Operator& a, std::size_t allowed) {
    // All basis vectors are kept: there are few.
    std::vector<Vector> basis;
    LanczosCoefficients t;
    t.dimension = a.dim();
    Vector next = *vector_;
    const std::size_t least = std::max<std::size_t>(options_.products, 1);
    for (std::size_t j = 0; j < std::min(allowed, std::max(least, options_.most_products)); ++j) {
      if (j >= least && residual(t) <= options_.settled * std::abs(ritz_values(t).back())) break;
      basis.push_back(next);
      Vector product = Space<Vector>::zeros(next);
      a.apply(basis.back(), product);
      const double size = std::sqrt(Space<Vector>::dot(product, product));
      t.diagonal.push_back(Space<Vector>::dot(product, basis.back()));
      for (std::size_t i = basis.size(); i-- > 0;)
        Space<Vector>::add_scaled(product, -Space<Vector>::dot(product, basis[i]), basis[i]);
      double left = std::sqrt(Space<Vector>::dot(product, product));
      if (j + 1 >= a.dim() || left <= kNothing * size) left = 0;
      t.subdiagonal.push_back(left);
      if (left == 0) break;
      Space<Vector>::scale(product, 1 / left);
      next = product;
    }
    std::vector<double> coordinates = top_ritz_coordinates(t);
    const Look now = {ritz_values(t).back(), residual(t), basis.size(), false};
    astray_ = options_.most_products > 0 ? now.residual : t.subdiagonal.front();
    if (basis.size() == 1 && t.subdiagonal.back() > 0) {  // (A - shift) v = (value - shift) v + left next
      coordinates = {now.value * (1 - shift_), t.subdiagonal.back()};
      basis.push_back(next);
    }
    Vector vector = Space<Vector>::zeros(next);
    for (std::size_t j = 0; j < basis.size(); ++j) Space<Vector>::add_scaled(vector, coordinates[j], basis[j]);
    Space<Vector>::scale(vector, 1 / std::sqrt(Space<Vector>::dot(vector, vector)));
    vector_ = vector;
    return now;
  }

  /// Of the top Ritz vector.
  static double residual(const LanczosCoefficients& t) {
    return t.subdiagonal.back() * std::abs(top_ritz_coordinates(t).back());
  }

  /// Relative to the product: what is smaller is rounding, also in 32 bit.
  static constexpr double kNothing = 1e-7;
  /// Of the way from the smallest to the largest eigenvalue: the smallest then fades by 3/7 at each step, one
  /// close below the largest faster than without.
  static constexpr double kShift = 0.3;
  TrackOptions options_;
  double value_ = 0, shift_ = 0;  ///< of the last look; over the value
  double astray_ = 0;             ///< the residual of the vector that the last look started from
  std::optional<Vector> vector_;
};

}  // namespace etamax
