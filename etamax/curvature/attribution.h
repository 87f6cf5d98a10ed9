#pragma once

#include "etamax/answers/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/curvature/preconditioned.h"
#include "etamax/problem/problem.h"

namespace etamax {

/// Every layer's share of the unit vector `v`'s squared norm, the largest first.
std::vector<LayerShare> layer_shares(const Objective& f, const Vector& v);

/// The layers that carry at least a tenth of the top eigenvector's squared norm (the first five), each with a lower
/// bound on its own diagonal block's largest eigenvalue. `v`: the unit eigenvector of `hessian`;
/// `roundoff`: what its products lose.
std::vector<LayerShare> attribute_layers(const Objective& f, PreconditionedHessian& hessian, const Vector& v,
                                         double roundoff, std::uint64_t seed, const Progress& progress);

/// The columns that make up most of the inputs' mean square, where few of them do: at most a fifth of the columns for
/// nine tenths of it.
std::vector<InputShare> attribute_inputs(const std::vector<InputColumn>& columns);

/// The examples that curve the loss most along the top eigenvector, where few make up much: at most a twentieth of them
/// for half of the positive curvature. Fills `examples` and `examples_share`.
void attribute_examples(Culprits& culprits, const std::vector<double>& curvatures, const std::vector<double>& losses);

}  // namespace etamax
