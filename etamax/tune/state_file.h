#pragma once

#include <string>
#include <utility>
#include <vector>

#include "etamax/tune/ledger.h"

namespace etamax {

/// A ledger in a file, so that a tuning that was stopped carries on to the same answer. Weights are not kept: a run
/// that must go on beyond its last result is made again up to there.
class StateFile {
 public:
  /// What the job is, name by name: a file of another job is refused.
  using Job = std::vector<std::pair<std::string, std::string>>;

  /// `path` "": nothing is kept.
  StateFile(std::string path, Job job) : path_(std::move(path)), job_(std::move(job)) {}

  /// The ledger that the file holds; where there is no file yet, an empty one, and the file is made: a place that
  /// cannot be written is known before any work. Throws InputError where the file is none of ours, or is of another
  /// job: names what differs.
  Ledger open() const;
  /// Throws InputError.
  void save(const Ledger& ledger) const;

 private:
  Ledger read() const;

  std::string path_;
  Job job_;
};

}  // namespace etamax
