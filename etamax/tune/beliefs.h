#pragma once

#include <optional>

#include "etamax/answers/tuning.h"
#include "etamax/tune/choice.h"
#include "etamax/tune/landscape.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/terms.h"

/// What the results say, before anything is decided.
namespace etamax {

/// What losses are held against: progress is 0 at `constant` and 1 at `floor` (prior.h).
struct LossScale {
  double constant = 1, floor = 0, start = 1;
};

struct Beliefs {
  Beliefs(const TuningTerms& terms, const Ledger& ledger, const Prior& prior);

  LossScale scale;
  LossScale close;                    ///< that of the landscape: of losses far below a constant's, 50 times the lowest
  RunsMade made;                      ///< runs without warmup
  std::vector<Observation> observed;  ///< of these
  std::optional<int>
      lowest_failing;         ///< rate: lost with any seed, or ended no better than a constant where a lower one did
  double most_progress = -1;  ///< seen anywhere
  Landscape landscape;
  int best = 0;  ///< place of the rate to recommend

  double rate() const;
  /// At the rate to recommend, after a share of the horizon.
  double expected_loss(int share) const;
  double progress(double loss) const { return progress_of(loss, scale.constant, scale.floor); }
  /// Some rate was seen to do better than the start, and than a constant; or much better than a start far above that.
  bool anything_learns() const;
};

/// The run that the search wants next; none where it is over. `left`: units.
std::optional<TrialRequest> next_trial(const TuningTerms& terms, const Beliefs& beliefs, std::int64_t left);

/// What is believed of the rate to recommend, into the answer: rate, interval, expected loss, failure, valley, bracket.
void report(const TuningTerms& terms, const Beliefs& beliefs, const Ledger& ledger, Tuning& answer);

}  // namespace etamax
