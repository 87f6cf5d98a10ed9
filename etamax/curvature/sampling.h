#pragma once

#include "etamax/answers/analysis.h"
#include "etamax/core/progress.h"
#include "etamax/problem/examples.h"

namespace etamax {

/// An interval for lambda_max of the Hessian on all data from disjoint random subsets of `count` examples (of a fifth
/// of all, where five do not fit). The mean of their own largest eigenvalues is at least the true one (the largest
/// eigenvalue is convex), and the mean of v_k' H_{k+1} v_k, one subset's eigenvector on the next subset, at most: each
/// is widened by Student's t at 97.5% for the five. docs/theory.md, section 12. Adds to `cost`. Throws InputError where
/// there are too few examples, Interrupted.
SamplingError sampling_error(ExampleSet& all, std::int64_t count, std::uint64_t seed, const Progress& progress,
                             Cost& cost);

}  // namespace etamax
