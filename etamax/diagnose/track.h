#pragma once

#include <vector>

#include "etamax/answers/diagnosis.h"

namespace etamax {

/// One column of a log in bounded memory: every record of a short one; of a long one the first kFirst and the
/// last kRecent records, up to kRecent about the moment where it went wrong the most, and ranges of records
/// elsewhere.
///
/// Invariants, asserted by tests/diagnose: a track of at most kRecent records holds them all; the samples'
/// steps ascend; no range of values is lost (the lowest and highest finite value are those of some sample).
class Track {
 public:
  static constexpr std::size_t kFirst = 256, kRecent = 8192, kRanges = 4096;

  /// `step` is finite. One that is not above the last begins again from there: what the log held from `step`
  /// on is forgotten, for the run was taken up before it.
  /// A single record after a restart from the very beginning is no course yet: what came before it stands.
  void add(double step, double value);

  long records() const { return just_restarted() ? static_cast<long>(before_restart_.size()) : records_; }
  bool just_restarted() const { return records_ == 1 && before_restart_.size() > 1; }
  long restarts() const { return restarts_; }
  double restarted_from() const { return restarted_from_; }  ///< the last step before the latest restart
  double restarted_to() const { return restarted_to_; }
  std::vector<LogSeries::Sample> samples() const;

 private:
  struct Range {
    double first = 0, last = 0, low = 0, high = 0, sum = 0;
    long records = 0, finite = 0;
    double any = 0;  // a value that is not finite, where there was one
  };
  struct Point {
    double step = 0, value = 0;
  };
  void forget_from(double step);
  void watch(double step, double value);
  static LogSeries::Sample sample(const Range& range);
  std::vector<Point> recent_in_order() const;

  std::vector<Range> ranges_;
  long per_range_ = 1;
  std::vector<Point> first_;
  std::vector<Point> recent_;  // a ring once it is full
  std::size_t oldest_ = 0;
  std::vector<Point> before_restart_;  // of the last one from the beginning, the last kRecent
  std::vector<Point> moment_;
  long moment_left_ = 0;      // records of the moment still to come
  double moment_excess_ = 2;  // how many times its level the value was there
  double level_ = 0;          // a running mean of the finite values
  long records_ = 0, restarts_ = 0;
  double last_step_ = 0, restarted_from_ = 0, restarted_to_ = 0;
};

}  // namespace etamax
