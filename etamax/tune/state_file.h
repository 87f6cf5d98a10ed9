#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/files/exclusive_file.h"
#include "etamax/tune/ledger.h"

namespace etamax {

/// A ledger in a file, so that a tuning that was stopped carries on to the same answer. Weights are not kept: a run
/// that must go on beyond its last result is made again up to there. One process at a time has it; a checksum tells
/// whether it is as it was written.
class StateFile {
 public:
  /// What the job is, name by name: a file of another job is refused.
  using Job = std::vector<std::pair<std::string, std::string>>;

  /// `path` "": nothing is kept.
  StateFile(std::string path, Job job);

  /// The ledger that the file holds; where there is no file yet, or nothing in it, an empty one, and the file is made:
  /// a place that cannot be written is known before any work. Throws InputError where the file is none of ours, is
  /// damaged, or is of another version or job: names what differs; EnvironmentError where another tuning has it.
  Ledger open();
  /// Throws what replace_file does.
  void save(const Ledger& ledger);

 private:
  Ledger read(const std::string& content) const;

  std::string path_;
  Job job_;
  std::optional<ExclusiveFile> file_;
};

}  // namespace etamax
