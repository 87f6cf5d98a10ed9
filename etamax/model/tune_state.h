#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "etamax/core/tuning.h"

namespace etamax {

/// What a tuning has found so far, in a file: the results of its trials, so that a tuning that was stopped carries on
/// to the same answer. Weights are not kept: a run that must go on beyond its last result is made again up to there.
class TuneState {
 public:
  /// What the job is, name by name: a file of another job is refused.
  using Job = std::vector<std::pair<std::string, std::string>>;

  /// `path` "": nothing is kept. Throws InputError where the file is none of ours, or is of another job: names what
  /// differs.
  TuneState(std::string path, Job job);

  std::optional<Trial> find(const Trial& wanted) const;  ///< of that rate, seed, warmup and number of steps asked for
  void add(const Trial& result, long steps_wanted);
  /// What is known of the start.
  struct Start {
    StabilityEdge edge;
    std::optional<double> polyak_rate;  ///< loss / (gradient' P^-1 gradient)
  };
  std::optional<Start> start() const { return start_; }
  void set_start(const Start& start);

 private:
  using Key = std::tuple<double, std::uint64_t, long, long>;
  void read();
  void write() const;

  std::string path_;
  Job job_;
  std::map<Key, Trial> results_;
  std::optional<Start> start_;
};

}  // namespace etamax
