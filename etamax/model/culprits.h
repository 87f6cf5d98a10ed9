#pragma once

#include "etamax/core/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/model/preconditioned.h"

namespace etamax {

/// Every layer's share of the unit vector `v`'s squared length, the largest first.
std::vector<LayerShare> layer_shares(const ModelObjective& f, const torch::Tensor& v);

/// The layers that hold at least a tenth of the top eigenvector's mass (the first five), each with a lower
/// bound on its own block's largest eigenvalue. `v`: the unit eigenvector of `hessian`.
std::vector<LayerShare> guilty_layers(ModelObjective& f, PreconditionedHessian& hessian, const torch::Tensor& v,
                                      std::uint64_t seed, const Progress& progress);

/// The columns that make up most of the inputs' mean square, where few of them do: at most a fifth of the
/// columns for nine tenths of it. For tables; empty for images.
std::vector<InputShare> dominating_inputs(const Dataset& data);

/// The examples that curve the loss most along the top eigenvector, where few make up much: at most a
/// twentieth of them for half of the positive curvature. Fills `examples` and `examples_share`.
void add_guilty_examples(Culprits& culprits, const torch::Tensor& curvatures, const torch::Tensor& losses);

}  // namespace etamax
