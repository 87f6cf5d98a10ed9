#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/tuning.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/terms.h"

namespace etamax {

/// Whether the rate should rise to where it goes: what is known, and what would have to be asked for.
struct WarmupFinding {
  std::optional<TuningRequest> request;
  std::optional<long> steps;
  std::string reason;
  std::vector<EdgeAtStep> edges;
};

/// No warmup below the edge. Else for as long as the edge takes to rise above the rate, where a run with warmup ends
/// clearly lower than one without: that of the first seed after a quarter of the horizon, or, where it was not seen
/// then, what is expected of it. `left`: units.
WarmupFinding find_warmup(const TuningTerms& terms, const Ledger& ledger, double lr, double expected,
                          std::int64_t left);

/// What that costs at most: kept back by a search that has four runs or more to spend, and could need it at this rate.
std::int64_t kept_for_warmup(const TuningTerms& terms, const Ledger& ledger, double lr);
inline constexpr int kWarmupShare = 2;  ///< of the horizon, as in prior.h: a quarter

}  // namespace etamax
