#pragma once

#include <compare>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "etamax/answers/tuning.h"

namespace etamax {

/// A run of the training's first `steps` steps: made anew, or carried on where it has been made in part.
struct TrialRequest {
  double lr = 0;
  std::uint64_t seed = 0;
  long warmup_steps = 0;
  long steps = 0;
  std::string purpose = {};  ///< for a reader; no part of what is asked for
};

/// The stability edge at the start, on so many of the examples.
struct EdgeRequest {
  std::int64_t examples = 0;
};
struct StartFinding {
  StabilityEdge edge;
  std::optional<double> polyak_rate;  ///< loss / (gradient' P^-1 gradient)
};

/// The edge while the rate rises to `lr` over `steps` steps, on so many of the examples: at the end, and each time at
/// half as many steps, `looks` times.
struct WarmupEdgesRequest {
  double lr = 0;
  long steps = 0;
  int looks = 0;
  std::int64_t examples = 0;
};

using TuningRequest = std::variant<EdgeRequest, TrialRequest, WarmupEdgesRequest>;
using TuningResult = std::variant<StartFinding, RunRecord, std::vector<EdgeAtStep>>;

/// All results so far: what a policy decides by, and what a state file keeps.
struct Ledger {
  /// A run, by its rate, seed, warmup and the steps that were asked for.
  struct Key {
    double lr = 0;
    std::uint64_t seed = 0;
    long warmup_steps = 0, steps = 0;
    auto operator<=>(const Key&) const = default;
  };
  std::optional<StartFinding> start;
  std::vector<std::pair<Key, RunRecord>> trials;  ///< in the order in which they were asked for
  std::optional<std::vector<EdgeAtStep>> warmup_edges;

  /// Null where that is not known yet.
  const RunRecord* find(const TrialRequest& request) const;
  /// The most steps that have been asked for of that run, fewer than these; 0 where it has not been made.
  long made_before(const TrialRequest& request) const;
  /// The result of a request, of the kind that belongs to it.
  void add(const TuningRequest& request, const TuningResult& result);
};

}  // namespace etamax
