#pragma once

#include <optional>
#include <vector>

#include "etamax/answers/run_record.h"

namespace etamax {

/// What a run is held against.
struct RunReference {
  double start_loss = 0;           ///< where it began
  std::optional<double> baseline;  ///< the loss of the best constant predictor
  /// The lowest loss that runs of as many steps end with. None: the run is judged by itself.
  std::optional<double> best;
  double trains_at =
      0;  ///< the largest learning rate known to train: below it a run that makes less progress is merely slow
};

/// Completes the record's verdict and reason; `diverges` and `collapses` that the run itself has shown (a loss that was
/// lost, outputs that are all the same) stay. One meaning everywhere:
/// * `trains`: it ends below where it began, and by at least half of what the best run known achieves (from the
/// baseline on, once a run is
///   below that);
/// * `collapses`: it stays at the baseline;
/// * `diverges`: it ends high and keeps rising;
/// * `unclear`: everything else.
/// By itself a run trains where its training loss ends below its first batch's.
void judge(RunRecord& run, const RunReference& reference);

/// Judges all runs of as many steps beside each other.
void judge_all(std::vector<RunRecord>& runs, const RunReference& reference);

}  // namespace etamax
