#pragma once

#include <optional>
#include <vector>

#include "etamax/answers/run_record.h"

namespace etamax {

/// What a run is held against, besides its own start_loss.
struct RunReference {
  std::optional<double> baseline;  ///< the loss of the best constant predictor
  /// The lowest loss that runs of as many steps end with. None: the run is judged by itself.
  std::optional<double> best;
  double trains_at = 0;  ///< the largest learning rate known to train
};

/// Completes the record's verdict, reason and `slow`; `diverges` and `collapses` that the run itself has shown (a loss
/// that was lost, outputs that have become all the same) stay. One meaning everywhere:
/// * `trains`: it ends clearly below the loss of the best constant predictor (at most 85% of it; a run that begins
/// below
///   it, only lower than it began), and by at least half of what the best run known achieves;
/// * `collapses`: it stays at the baseline, where a lower rate trains or after it was far above;
/// * `diverges`: it ends high and keeps rising;
/// * `unclear`: everything else; `slow` where its loss falls all the way.
/// By itself a run trains where its training loss ends below where it began.
void judge(RunRecord& run, const RunReference& reference);

/// Of a run that is judged: it does not train, and is not only slow, for which a higher rate may be the cure.
bool fails(const RunRecord& run);

/// What runs of as many steps, already judged, hold another against.
RunReference reference_of(const std::vector<const std::vector<RunRecord>*>& runs, std::optional<double> baseline);

/// Judges all runs of as many steps beside each other, those from several starts too: the reference's `best` and
/// `trains_at` are theirs.
void judge_all(const std::vector<std::vector<RunRecord>*>& runs, std::optional<double> baseline);

}  // namespace etamax
