#include "etamax/curvature/mini_batch.h"

#include <algorithm>
#include <cmath>

#include "etamax/problem/batches.h"

namespace etamax {
namespace {

constexpr int kBatches = 16;

/// Mean and standard error of g' H_B g / |g|^2 over batches B with their gradients g.
void add_batch_sharpness(MiniBatchEdge& edge, Objective& f, const MiniBatchQuestion& question) {
  Batches batches(f, question.batch_size, question.seed);
  Examples& examples = *f.examples();
  double sum = 0, squares = 0;
  while (edge.batches < kBatches) {
    const Rows rows = batches.next();
    if (static_cast<std::int64_t>(rows.size()) < question.batch_size) continue;  // the last of an epoch
    const Vector g = examples.batch_gradient(rows).gradient;
    const double size = g.dot(g);
    if (!(size > 0)) return;
    const double q = g.dot(examples.batch_product(rows, g)) / size;
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

MiniBatchEdge mini_batch_edge(Objective& f, const std::vector<double>& curvatures, const MiniBatchQuestion& question) {
  MiniBatchEdge edge;
  const double n = static_cast<double>(curvatures.size()), b = static_cast<double>(question.batch_size);
  edge.batch_size = question.batch_size;
  double lambda = 0, variance = 0;
  for (const double h : curvatures) lambda += (h + question.decay) / n;
  for (const double h : curvatures) variance += (h + question.decay - lambda) * (h + question.decay - lambda) / n;
  edge.curvature_spread = std::sqrt(variance);
  const OptimizerSpec& rule = *question.optimizer.spec;
  if (!rule.recurrence)
    edge.reason = rule.no_recurrence_reason;
  else if (!(lambda > 0))
    edge.reason = "the curvature along the top eigenvector is not positive";
  else if (const auto lr = mini_batch_edge(rule, question.optimizer.values, lambda, (n - b) / (b * (n - 1)) * variance))
    edge.lr = *lr / question.lr_scale;
  add_batch_sharpness(edge, f, question);
  return edge;
}

}  // namespace etamax
