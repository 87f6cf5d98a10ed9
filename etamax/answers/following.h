#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/analysis.h"

/// What `etamax follow` answers, as plain values.
namespace etamax {

/// The largest eigenvalue at one step of a training: of the Hessian, or of P^-1/2 (H + d I) P^-1/2 where the optimizer
/// divides by P.
struct SharpnessLook {
  long step = 0;                          ///< made by then
  double lr = 0;                          ///< of the step to come
  double loss = 0;                        ///< on the examples that are looked at
  double sharpness = 0;                   ///< the Ritz value: a lower bound, to rounding
  double residual = 0;                    ///< some eigenvalue is this near
  Interval bounds;                        ///< certified; none where it was only tracked
  std::optional<double> edge;             ///< the stability edge at `sharpness`, and at the optimizer's present state
  std::optional<double> critical;         ///< the sharpness whose edge `lr` is
  std::optional<double> batch_sharpness;  ///< mean of g' H_B g / |g|^2 over batches B with gradients g
  std::optional<double> gauss_newton;     ///< the Gauss-Newton part of `sharpness`, at certified looks
  std::string layer;                      ///< that holds most of the eigenvector
  double layer_share = 0;
  long products = 0;
  /// Beyond 1 the quadratic model blows up.
  std::optional<double> of_edge() const { return edge ? std::optional(lr / *edge) : std::nullopt; }
};

struct SharpnessRun {
  double lr = 0;
  long steps = 0;              ///< made
  std::optional<double> lost;  ///< the loss that ended it
  std::vector<double> losses;  ///< of the batches, every `losses_stride`-th
  long losses_stride = 1;
  std::vector<SharpnessLook> looks;
  std::vector<long> crossings;               ///< steps of looks that found the rate on the other side of the edge
  std::optional<long> first_beyond;          ///< the first look with the rate beyond the edge
  std::optional<double> late_of_edge;        ///< median of rate over edge in the second half of the steps
  double late_lowest = 0, late_highest = 0;  ///< and their range
  long left_out = 0;                         ///< looks that were planned: others had cost more than was planned
  double training_gradients = 0;             ///< of all the data, that the steps cost
  double looking_gradients = 0;              ///< that the looks cost, counted as the same
  double training_seconds = 0, looking_seconds = 0;
};

struct Following {
  std::string model, data, loss, optimizer, device, dtype;
  std::vector<Setting> hyperparameters;
  std::string loss_basis;
  std::vector<std::string> notes;
  long parameters = 0, examples = 0, looked_at = 0;  ///< the examples whose sharpness it is
  long batch_size = 0, steps = 0;
  RunManner manner;
  double budget = 0;
  bool preconditioned = false;
  double confidence = 0;
  std::string no_edge_reason;  ///< why the optimizer has no edge; "" where it has
  std::vector<SharpnessRun> runs;
  std::vector<std::string> answer;
  Cost cost;
  bool partial = false;
};

std::string to_json(const Following& following);

/// A row for each look: lr_peak, step, lr, loss, sharpness, residual, lower, upper, edge, critical, batch_sharpness,
/// gauss_newton, layer.
std::string to_csv(const Following& following);

}  // namespace etamax
