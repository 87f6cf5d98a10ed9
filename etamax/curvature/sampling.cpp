#include "etamax/curvature/sampling.h"

#include <algorithm>

#include "etamax/core/error.h"
#include "etamax/core/statistics.h"
#include "etamax/curvature/probe.h"
#include "etamax/curvature/vector_space.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

constexpr std::int64_t kSubsets = 5;
constexpr double kGap = 0.02, kConfidence = 0.99;
constexpr std::size_t kMostProducts = 100;

}  // namespace

SamplingError sampling_error(ExampleSet& all, std::int64_t count, std::uint64_t seed, const Progress& progress,
                             Cost& cost) {
  const std::int64_t size = std::min(count, all.count() / kSubsets);
  if (size < 2) throw InputError("samples", "the sampling error needs at least 10 examples in the data");
  const Rows order = all.shuffled(seed);
  const auto subset = [&](std::int64_t k) {
    return all.objective_on({order.begin() + k * size, order.begin() + (k + 1) * size});
  };
  std::vector<double> largest, crossed;
  Vector previous;
  for (std::int64_t k = 0; k <= kSubsets; ++k) {
    const std::unique_ptr<Objective> f = subset(k % kSubsets);
    if (k > 0) {  // v_{k-1} on the next subset, and the last one's on the first
      Vector product;
      f->apply(previous, product);
      crossed.push_back(previous.dot(product));
    }
    if (k < kSubsets) {
      std::vector<Vector> basis;
      const LanczosResult result = certify_spectrum<Vector>(
          *f, {kGap, kConfidence, kMostProducts, seed, progress, {}, kAnyAsymmetry}, &basis, basis_vectors_to_keep(*f));
      if (result.interrupted) throw Interrupted();
      largest.push_back(result.extremes.largest.upper);
      previous = top_ritz_vector<Vector>(*f, result.coefficients, seed, basis);
    }
    cost.hvps += f->cost().hvps;
  }
  const double t = student_t_975(kSubsets - 1);
  SamplingError error;
  error.examples = size;
  error.subsets = kSubsets;
  error.confidence = 0.95;
  error.lambda_max = {mean(crossed) - t * standard_error(crossed), mean(largest) + t * standard_error(largest)};
  return error;
}

}  // namespace etamax
