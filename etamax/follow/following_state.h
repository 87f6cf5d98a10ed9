#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/following.h"
#include "etamax/core/stopwatch.h"
#include "etamax/files/state_file.h"
#include "etamax/problem/run.h"
#include "etamax/training/training.h"

namespace etamax {

/// A followed training right after a look: all that it carries on from.
struct TrainingUnderWay {
  TrainingRecord training;
  SavedRun run;
  BatchPlace batches;         ///< of the looks at the batch sharpness
  std::vector<double> trail;  ///< the vector from which the next look starts; empty: none
  double trail_value = 0, trail_shift = 0;
};

struct FollowedSoFar {
  std::vector<SharpnessRun> runs;             ///< the last one is under way where there is:
  std::optional<TrainingUnderWay> under_way;  ///< none: all of these are over
  Cost cost;
};

/// What has been followed, in a file, so that one that was stopped carries on to the same answer.
class FollowingState {
 public:
  /// `path` "": nothing is kept. `told`: as of StateFile.
  FollowingState(std::string path, StateJob job, FileFault told = {});

  /// What the file holds; nothing where there is no file yet, which is made then: a place that cannot be written is
  /// known before any work. Throws what StateFile::open does, and InputError where the file is of another job: names
  /// what differs.
  FollowedSoFar open();
  /// Whether it is time to save where that is done often: writing then takes a fiftieth of the time, at most.
  bool is_due() const;
  /// Throws what StateFile::save does.
  void save(const FollowedSoFar& so_far);
  /// Of a file whose contents turn out not to fit the problem.
  [[noreturn]] void refuse_as_damaged() const { file_.refuse_as_damaged(); }

 private:
  StateJob job_;
  StateFile file_;
  Stopwatch since_save_;
  double save_seconds_ = 0;
};

}  // namespace etamax
