#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/tuning.h"
#include "etamax/tune/replay.h"

/// The parts of the policy, in their order. Each asks the replay for results and leaves what it concludes.
namespace etamax {

/// What is known so far. Rates are places on the replay's grid.
struct PolicyState {
  StabilityEdge edge;
  long edge_examples = 0;
  std::optional<double> polyak_rate;
  std::optional<int> highest_that_works;
  std::vector<int> best;                ///< the rates that still compete, the best first
  std::map<int, double> losses;         ///< of the rates that compete, after the same number of steps
  std::map<int, double> valley_losses;  ///< the last of those that were three or more
  long valley_steps = 0;                ///< after which they were taken
  std::map<int, RunRecord> finals;      ///< runs to the horizon that train
  std::optional<long> warmup_steps;
  std::string warmup_reason;
  std::vector<EdgeAtStep> warmup_edges;
};

/// The curvature at the start, on as many examples as a small share of the budget pays for.
void find_edge(Replay& replay, PolicyState& state);

/// A rate that trains, and half an octave above it one that does not; or the rate from which the loss of short runs
/// only rises. Then downwards, until the loss of short runs only rises that way too.
void find_limit(Replay& replay, PolicyState& state);

/// Successive halving: many short runs, fewer and longer ones of the promising rates, carried on.
void halve(Replay& replay, PolicyState& state);

/// Of the two best rates the higher one, and one a margin above it, must work with the other seeds too; else lower ones
/// are asked.
void check_seeds(Replay& replay, PolicyState& state);

/// The better of two goes on to the horizon, and the other one too where the budget pays for it; where the held-out
/// loss has turned, a lower rate that is where it turned only then.
void finish(Replay& replay, PolicyState& state);

/// No warmup below the edge. Else for as long as the edge takes to rise above the rate, where a run with warmup does
/// better than one without.
void try_warmup(Replay& replay, PolicyState& state);
/// What that costs at most; and whether the first steps at that rate are beyond the edge at the start.
std::int64_t warmup_cost(const Replay& replay, const PolicyState& state);
long warmup_trial_steps(const TuningTerms& terms);
bool beyond_edge(const Replay& replay, const PolicyState& state, int k);

/// What curvature costs for each example, at most: one product or so more than `products`.
inline constexpr std::int64_t kEdgeProducts = 15;
inline constexpr std::int64_t kUnitsOfEdge = Budget::kProduct * kEdgeProducts;
inline constexpr std::int64_t kLeastEdgeExamples = 8;
inline constexpr long kPreconditionerSteps = 10;

/// A parabola through log loss against log2 lr, around the best; the rates within the tolerance of its least value.
/// Where longer runs moved the recommendation out of those, its width around the recommendation.
void fit_valley(const Replay& replay, const PolicyState& state, Tuning& answer);

/// The seeds' relative spread in the longest runs that several seeds made at one rate, extrapolated to the horizon's
/// loss.
void find_spread(const Replay& replay, Tuning& answer);

}  // namespace etamax
