#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "etamax/core/progress.h"
#include "etamax/core/statistics.h"
#include "etamax/spectrum/deflated.h"

namespace etamax {

struct TraceOptions {
  std::size_t products = 90;  ///< at least 6, in three equal parts
  std::uint64_t seed = 0;
  Progress progress = {};
};

/// A sum over all eigenvalues: what is known of it, and what was estimated from samples of the rest.
struct TraceEstimate {
  double value = 0;
  double error = 0;  ///< standard error over the samples; 0 where nothing was left to estimate
  long samples = 0;

  /// Of 95%, by Student's t: about the samples' mean, as far as they can be taken for normal.
  double half_width() const { return error == 0 ? 0 : student_t_975(samples - 1) * error; }
};

struct Traces {
  TraceEstimate trace;   ///< sum of the eigenvalues
  TraceEstimate square;  ///< sum of their squares: the squared Frobenius norm
  std::size_t products = 0;
  std::size_t directions = 0;  ///< of the sketch: along these nothing is estimated
};

/// Hutch++ (Meyer, Musco, Musco and Woodruff, SOSA 2021): exact on the range of a random sketch, which holds the large
/// eigenvalues, and Hutchinson's estimate with normal vectors on its complement. Memory: a third of the products, in
/// vectors. Throws Interrupted where the progress says so.
template <typename Vector, SymmetricOperator<Vector> Operator>
Traces traces_of(Operator& a, const TraceOptions& options) {
  Traces found;
  const std::size_t third = std::min(std::max<std::size_t>(options.products / 3, 2), a.dim());
  std::vector<Vector> sketch;
  const Deflated<Vector, Operator> rest(a, sketch);
  const auto image_of = [&](const Vector& v) {
    Vector image = Space<Vector>::zeros(v);
    a.apply(v, image);
    ++found.products;
    report_progress(options.progress, static_cast<double>(found.products) / static_cast<double>(3 * third));
    return image;
  };
  const auto squared = [](const Vector& v) { return Space<Vector>::dot(v, v); };
  std::uint64_t seed = options.seed;
  for (std::size_t i = 0; i < third; ++i) {
    Vector v = image_of(random_normal<Vector>(a, seed++));
    const double before = squared(v);
    rest.remove(v);
    const double left = squared(v);
    if (!(left > 1e-20 * before)) break;  // what rounding leaves: the range is used up
    Space<Vector>::scale(v, 1 / std::sqrt(left));
    sketch.push_back(std::move(v));
  }
  found.directions = sketch.size();
  for (const Vector& q : sketch) {
    const Vector image = image_of(q);
    found.trace.value += Space<Vector>::dot(q, image);
    found.square.value += squared(image);
  }
  std::vector<double> traces, squares;
  for (std::size_t i = 0; sketch.size() < a.dim() && i < third; ++i) {
    const Vector v = rest.random_normal(seed++), image = image_of(v);
    traces.push_back(Space<Vector>::dot(v, image));
    squares.push_back(squared(image));
  }
  const auto add = [](TraceEstimate& to, const std::vector<double>& samples) {
    if (samples.empty()) return;
    to.value += mean(samples);
    to.error = standard_error(samples);
    to.samples = static_cast<long>(samples.size());
  };
  add(found.trace, traces);
  add(found.square, squares);
  return found;
}

}  // namespace etamax
