#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/verdict.h"

namespace etamax {

/// A run of the first `steps` steps of a training, as analyze and tune made it: what it showed, and what became of it.
struct RunRecord {
  /// The loss of the part that judges, in the middle of a run.
  struct Evaluation {
    long step = 0;
    double loss = 0, training_loss = 0;
  };
  double lr = 0;
  std::uint64_t seed = 0;
  long warmup_steps = 0;
  long steps = 0;  ///< made
  Verdict verdict = Verdict::unclear;
  std::string reason;  ///< of the verdict, in a sentence; "" where runs are only compared
  std::optional<long>
      first_bad_step;  ///< the step after which the loss was not finite, or above the divergence threshold
  double divergence_threshold = INFINITY;  ///< of the loss
  std::optional<double> lost_loss;         ///< the loss there
  double start_loss = 0;                   ///< before the first step, on the part that judges
  bool slow = false;                ///< (`unclear`) its loss falls all the way, only not far: the rate is not too high
  std::vector<double> losses = {};  ///< of the batch of each step, at most 2,000 of them; not kept by tune
  long stride = 1;                  ///< steps from one of those to the next
  std::optional<double> loss = {};  ///< after the last step, on the part that judges: the examples held out, else all
  std::optional<double> training_loss = {};
  std::string purpose = {};               ///< of tune's: "search", "other start", "confirmation", "warmup"
  std::int64_t units = 0;                 ///< spent since the same run's last entry (TuningBudget)
  std::optional<Evaluation> lowest = {};  ///< of the evaluations since the same run's last entry, its end among them
};

}  // namespace etamax
