#include "etamax/model/sampling.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/model/tensor_space.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

constexpr int64_t kSubsets = 5;
constexpr double kStudent = 2.776;  // 97.5% of Student's t with kSubsets - 1 degrees of freedom

torch::Tensor shuffled(int64_t n, std::uint64_t seed) {
  return torch::randperm(n, at::detail::createCPUGenerator(seed), torch::kLong);
}

struct Spread {
  double mean = 0, error = 0;
};
Spread spread(const std::vector<double>& x) {
  const double n = static_cast<double>(x.size());
  Spread s;
  for (const double value : x) s.mean += value / n;
  double squares = 0;
  for (const double value : x) squares += (value - s.mean) * (value - s.mean);
  s.error = std::sqrt(squares / (n - 1) / n);
  return s;
}

}  // namespace

torch::Tensor sample_rows(int64_t examples, int64_t count, std::uint64_t seed) {
  if (count <= 0 || count >= examples) return torch::arange(examples, torch::kLong);
  return std::get<0>(shuffled(examples, seed).slice(0, 0, count).sort());
}

Dataset take_rows(const Dataset& data, const torch::Tensor& rows) {
  Dataset taken = data;
  taken.inputs = data.inputs.index_select(0, rows);
  taken.targets = data.targets.index_select(0, rows);
  return taken;
}

SamplingError sampling_error(const Network& network, const Dataset& data, const LossSpec& loss,
                             const ModelObjectiveOptions& options, int64_t count, std::uint64_t seed,
                             const Progress& progress, Cost& cost) {
  const int64_t size = std::min(count, data.examples() / kSubsets);
  if (size < 2) throw InputError("--samples: the sampling error needs at least 10 examples in the data");
  const torch::Tensor order = shuffled(data.examples(), seed);
  std::vector<double> largest, crossed;
  torch::Tensor previous, first;
  const auto subset = [&](int64_t k) { return take_rows(data, order.slice(0, k * size, (k + 1) * size)); };
  // v_k on the next subset, and the last one's on the first.
  const auto cross = [&](ModelObjective& f, const torch::Tensor& v) {
    torch::Tensor product;
    f.apply(v, product);
    crossed.push_back(Space<torch::Tensor>::dot(v, product));
  };
  for (int64_t k = 0; k <= kSubsets; ++k) {
    ModelObjective f(network, subset(k % kSubsets), loss, options);
    if (k > 0) cross(f, previous);
    if (k < kSubsets) {
      std::vector<torch::Tensor> basis;
      const LanczosResult result = certify_spectrum<torch::Tensor>(f, {0.02, 0.99, 100, seed, progress}, &basis,
                                                                   basis_vectors_to_keep(f.dim(), f.vector_options()));
      if (result.interrupted) throw Interrupted();
      largest.push_back(result.extremes.largest.upper);
      previous = top_ritz_vector<torch::Tensor>(f, result.coefficients, seed, basis);
    }
    cost.hvps += f.cost().hvps;
  }
  const Spread above = spread(largest), below = spread(crossed);
  SamplingError error;
  error.examples = size;
  error.subsets = kSubsets;
  error.confidence = 0.95;
  error.lambda_max = {below.mean - kStudent * below.error, above.mean + kStudent * above.error};
  return error;
}

}  // namespace etamax
