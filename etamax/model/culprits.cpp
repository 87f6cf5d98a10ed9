#include "etamax/model/culprits.h"

#include <algorithm>

#include "etamax/model/tensor_space.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

constexpr std::size_t kMostLayers = 5;
constexpr int64_t kMostInputs = 10, kMostExamples = 5;

}  // namespace

std::vector<LayerShare> layer_shares(const ModelObjective& f, const torch::Tensor& v) {
  std::vector<LayerShare> shares;
  for (const ParameterBlock& block : f.blocks()) {
    const torch::Tensor part = v.slice(0, block.from, block.to);
    shares.push_back({block.name, block.to - block.from, Space<torch::Tensor>::dot(part, part), {}});
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const LayerShare& a, const LayerShare& b) { return a.share > b.share; });
  return shares;
}

std::vector<LayerShare> guilty_layers(ModelObjective& f, PreconditionedHessian& hessian, const torch::Tensor& v,
                                      std::uint64_t seed, const Progress& progress) {
  std::vector<LayerShare> layers = layer_shares(f, v);
  layers.resize(std::min(layers.size(), kMostLayers));
  std::erase_if(layers, [](const LayerShare& layer) { return layer.share < 0.1; });
  for (LayerShare& layer : layers) {
    const auto block = std::find_if(f.blocks().begin(), f.blocks().end(),
                                    [&](const ParameterBlock& b) { return b.name == layer.name; });
    DiagonalBlock<PreconditionedHessian> own(hessian, block->from, block->to);
    layer.lambda_max = certify_spectrum<torch::Tensor>(own, {0.2, 0.99, 12, seed, progress}).extremes.largest.lower;
  }
  return layers;
}

std::vector<InputShare> dominating_inputs(const Dataset& data) {
  if (data.inputs.dim() != 2 || data.inputs.size(1) < 2) return {};
  const torch::Tensor square = data.inputs.to(torch::kDouble).square().mean(0);
  const double sum = square.sum().item<double>();
  if (!(sum > 0)) return {};
  const auto [sorted, order] = (square / sum).sort(0, /*descending=*/true);
  const int64_t columns = square.size(0), few = std::max<int64_t>(1, std::min(kMostInputs, columns / 5));
  if (sorted.slice(0, 0, few).sum().item<double>() < 0.9) return {};
  std::vector<InputShare> inputs;
  double told = 0;
  for (int64_t i = 0; i < few && told < 0.9; ++i) {
    const int64_t column = order[i].item<int64_t>();
    const double share = sorted[i].item<double>();
    const auto at = static_cast<std::size_t>(column);
    inputs.push_back({at < data.features.size() ? data.features[at] : "column " + std::to_string(column + 1), share});
    told += share;
  }
  return inputs;
}

void add_guilty_examples(Culprits& culprits, const torch::Tensor& curvatures, const torch::Tensor& losses) {
  const torch::Tensor positive = curvatures.to(torch::kDouble).clamp_min(0);
  const double sum = positive.sum().item<double>();
  const int64_t few = positive.size(0) / 20;
  if (!(sum > 0) || few == 0) return;
  const auto [sorted, order] = positive.sort(0, /*descending=*/true);
  const int64_t told = std::min(few, kMostExamples);
  if (sorted.slice(0, 0, few).sum().item<double>() < 0.5 * sum) return;
  culprits.examples_share = sorted.slice(0, 0, told).sum().item<double>() / sum;
  for (int64_t i = 0; i < told; ++i) {
    const int64_t example = order[i].item<int64_t>();
    culprits.examples.push_back({example + 1, curvatures[example].item<double>(), losses[example].item<double>()});
  }
}

}  // namespace etamax
