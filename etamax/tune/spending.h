#pragma once

#include "etamax/tune/ledger.h"
#include "etamax/tune/terms.h"

/// What the ledger's results have cost, and what further ones would.
namespace etamax {

/// What curvature costs for each example, at most: one product or so more than `products`.
inline constexpr std::int64_t kEdgeProducts = 15;
inline constexpr std::int64_t kUnitsOfEdge = Budget::kProduct * kEdgeProducts;
inline constexpr std::int64_t kLeastEdgeExamples = 8;
inline constexpr long kPreconditionerSteps = 10;
inline constexpr int kWarmupLooks = 3;  ///< at the edge, along a warmup

/// How many examples a small share of the budget pays the edge of; 0 where these are too few.
std::int64_t edge_examples(const TuningTerms& terms);
/// What the edge at the start costs on them; and along a warmup, on a part of them.
std::int64_t edge_cost(const TuningTerms& terms);
std::int64_t warmup_edges_cost(const TuningTerms& terms);
std::int64_t examples_of_a_look(const TuningTerms& terms);
/// A run from `made` steps to `steps`, judged, at most.
std::int64_t run_cost(const TuningTerms& terms, long made, long steps);

struct Spending {
  std::int64_t edge = 0, runs = 0;
  std::int64_t all() const { return edge + runs; }
};
/// Throws InputError where a result costs more than its run can, or all of them more than there is.
Spending spending(const TuningTerms& terms, const Ledger& ledger);

}  // namespace etamax
