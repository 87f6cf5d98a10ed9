#include "etamax/model/mini_batch.h"

#include <cmath>

#include "etamax/model/tensor_space.h"
#include "etamax/model/training.h"

namespace etamax {
namespace {

constexpr int64_t kBatches = 16;

/// Mean and standard error of g' H_B g / |g|^2 over batches B with their gradients g.
void add_batch_sharpness(MiniBatchEdge& edge, ModelObjective& f, const MiniBatchQuestion& question) {
  Batches batches(f.examples(), question.batch_size, question.seed);
  double sum = 0, squares = 0;
  while (edge.batches < kBatches) {
    const torch::Tensor rows = batches.next();
    if (rows.size(0) < question.batch_size) continue;  // the last of an epoch
    const torch::Tensor g = f.batch_gradient(rows).gradient;
    const double size = Space<torch::Tensor>::dot(g, g);
    if (!(size > 0)) return;
    const double q = Space<torch::Tensor>::dot(g, f.batch_product(rows, g)) / size;
    ++edge.batches;
    sum += q;
    squares += q * q;
  }
  const double n = static_cast<double>(edge.batches);
  edge.batch_sharpness = sum / n;
  edge.batch_sharpness_error =
      std::sqrt(std::max(0.0, squares / n - edge.batch_sharpness * edge.batch_sharpness) / (n - 1));
}

}  // namespace

MiniBatchEdge mini_batch_edge(ModelObjective& f, const torch::Tensor& curvatures, const MiniBatchQuestion& question) {
  MiniBatchEdge edge;
  const double n = static_cast<double>(f.examples()), b = static_cast<double>(question.batch_size);
  edge.batch_size = question.batch_size;
  const torch::Tensor h = curvatures.to(torch::kDouble) + question.decay;
  const double lambda = h.mean().item<double>(), variance = h.var(0, false).item<double>();
  edge.curvature_spread = std::sqrt(variance);
  if (!question.optimizer.recurrence)
    edge.reason = question.optimizer.no_recurrence_reason;
  else if (!(lambda > 0))
    edge.reason = "the curvature along the top eigenvector is not positive";
  else if (const auto lr =
               mini_batch_edge(question.optimizer, question.values, lambda, (n - b) / (b * (n - 1)) * variance))
    edge.lr = *lr / question.rate_factor;
  add_batch_sharpness(edge, f, question);
  return edge;
}

}  // namespace etamax
