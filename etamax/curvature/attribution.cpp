#include "etamax/curvature/attribution.h"

#include <algorithm>
#include <numeric>

#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

constexpr std::size_t kMostLayers = 5, kMostInputs = 10, kMostExamples = 5;
constexpr double kLayerShare = 0.1, kInputsShare = 0.9, kExamplesShare = 0.5;
constexpr double kBlockGap = 0.2, kBlockConfidence = 0.99;
constexpr std::size_t kBlockProducts = 12;

/// The numbers of the entries, the largest entry first.
std::vector<std::size_t> descending(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] > x[b]; });
  return order;
}

/// Of the first `count` entries in that order.
double sum_of(const std::vector<double>& x, const std::vector<std::size_t>& order, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[order[i]];
  return sum;
}

}  // namespace

std::vector<LayerShare> layer_shares(const Objective& f, const Vector& v) {
  std::vector<LayerShare> shares;
  for (const ParameterBlock& block : f.blocks()) {
    const Vector part = v.part(block.from, block.to);
    shares.push_back({block.name, static_cast<long>(block.to - block.from), part.dot(part), {}});
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const LayerShare& a, const LayerShare& b) { return a.share > b.share; });
  return shares;
}

std::vector<LayerShare> attribute_layers(const Objective& f, PreconditionedHessian& hessian, const Vector& v,
                                         double roundoff, std::uint64_t seed, const Progress& progress) {
  std::vector<LayerShare> layers = layer_shares(f, v);
  layers.resize(std::min(layers.size(), kMostLayers));
  std::erase_if(layers, [](const LayerShare& layer) { return layer.share < kLayerShare; });
  for (LayerShare& layer : layers) {
    const auto block = std::find_if(f.blocks().begin(), f.blocks().end(),
                                    [&](const ParameterBlock& b) { return b.name == layer.name; });
    DiagonalBlock<PreconditionedHessian> own(hessian, block->from, block->to);
    const LanczosOptions options{kBlockGap, kBlockConfidence, kBlockProducts, seed, progress, {}, kAnyAsymmetry};
    layer.lambda_max = certify_spectrum<Vector>(own, options).extremes.largest.lower - roundoff;
  }
  return layers;
}

std::vector<InputShare> attribute_inputs(const std::vector<InputColumn>& columns) {
  if (columns.size() < 2) return {};
  std::vector<double> shares;
  for (const InputColumn& column : columns) shares.push_back(column.mean_square);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (!(sum > 0)) return {};
  for (double& share : shares) share /= sum;
  const std::vector<std::size_t> order = descending(shares);
  const std::size_t few = std::max<std::size_t>(1, std::min(kMostInputs, columns.size() / 5));
  if (sum_of(shares, order, few) < kInputsShare) return {};
  std::vector<InputShare> inputs;
  double told = 0;
  for (std::size_t i = 0; i < few && told < kInputsShare; ++i) {
    inputs.push_back({columns[order[i]].name, shares[order[i]]});
    told += shares[order[i]];
  }
  return inputs;
}

void attribute_examples(Culprits& culprits, const std::vector<double>& curvatures, const std::vector<double>& losses) {
  std::vector<double> positive;
  for (const double h : curvatures) positive.push_back(std::max(h, 0.0));
  const double sum = std::accumulate(positive.begin(), positive.end(), 0.0);
  const std::size_t few = positive.size() / 20;
  if (!(sum > 0) || few == 0) return;
  const std::vector<std::size_t> order = descending(positive);
  if (sum_of(positive, order, few) < kExamplesShare * sum) return;
  const std::size_t told = std::min(few, kMostExamples);
  culprits.examples_share = sum_of(positive, order, told) / sum;
  for (std::size_t i = 0; i < told; ++i)
    culprits.examples.push_back({static_cast<long>(order[i]), curvatures[order[i]], losses[order[i]]});
}

}  // namespace etamax
