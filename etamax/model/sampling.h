#pragma once

#include <functional>

#include "etamax/core/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/model/model_objective.h"

namespace etamax {

/// A random choice of examples, in the data's order; all of them where `count` is 0 or as many.
torch::Tensor sample_rows(int64_t examples, int64_t count, std::uint64_t seed);
Dataset take_rows(const Dataset& data, const torch::Tensor& rows);

/// An interval for lambda_max of the Hessian on all data from disjoint random subsets of `count` examples (of
/// a fifth of all, where five do not fit). The mean of their own largest eigenvalues is at least the true one
/// (the largest eigenvalue is convex), and the mean of v_k' H_{k+1} v_k, one subset's eigenvector on the next
/// subset, at most: each is widened by Student's t at 97.5% for the five. docs/theory.md, section 12.
SamplingError sampling_error(const Network& network, const Dataset& data, const LossSpec& loss,
                             const ModelObjectiveOptions& options, int64_t count, std::uint64_t seed,
                             const Progress& progress, Cost& cost);

}  // namespace etamax
