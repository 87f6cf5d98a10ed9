#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tasks.h"

/// The seeds that rates are judged with; no tuning uses them.
inline constexpr std::uint64_t kJudgingSeeds[] = {10, 11, 12, 13, 14};

/// How a run to the horizon ended.
struct RunEnd {
  std::string verdict;
  std::optional<double> validation_loss, training_loss;  ///< none where it diverged
};

/// A rate over all judging seeds.
struct RateEnd {
  double validation_loss = 0, training_loss = 0;  ///< means; a run without a loss counts as chance
  double standard_error = 0;                      ///< of the mean on validation
  int failures = 0;  ///< diverged, collapsed, or on either part no better than that seed's start
};

/// Runs to the horizon, by task, split into parts, rate and seed; each is a line of a CSV file.
class RunTable {
 public:
  void read(const std::string& file);
  /// From now on every run is added to this file as well, unless it is "". Reads what is there already.
  void keep_in(const std::string& file);
  /// The known results, else runs made now.
  RateEnd rate(TaskRuns& task, double lr, long warmup = 0);
  /// All rates known of the task with all their seeds, ascending.
  std::vector<double> rates(const TaskRuns& task) const;

 private:
  const RunEnd& run(TaskRuns& task, double lr, long warmup, std::uint64_t seed);
  RunEnd start(TaskRuns& task, std::uint64_t seed);
  std::map<std::string, std::map<double, std::map<std::uint64_t, RunEnd>>>
      runs_;  ///< by "task,split" ("task+warmup,split"), rate, seed
  std::map<std::string, std::map<std::uint64_t, RunEnd>> starts_;
  std::string file_;
};
