#pragma once

#include <string>
#include <string_view>

#include "etamax/files/state_file.h"
#include "etamax/tune/ledger.h"

namespace etamax {

/// A ledger in a file, so that a tuning that was stopped carries on to the same answer. Weights are not kept: a run
/// that must go on beyond its last result is made again up to there.
class TuningState {
 public:
  /// `path` "": nothing is kept. `told`: as of StateFile.
  TuningState(std::string path, StateJob job, FileFault told = {});

  /// The ledger that the file holds; where there is no file yet, or nothing in it, an empty one, and the file is made:
  /// a place that cannot be written is known before any work. Throws what StateFile::open does, and InputError where
  /// the file is of another job: names what differs.
  Ledger open();
  /// Throws what StateFile::save does.
  void save(const Ledger& ledger);

 private:
  Ledger read(std::string_view said) const;

  StateJob job_;
  StateFile file_;
};

}  // namespace etamax
