#pragma once

#include "etamax/core/progress.h"

namespace etamax {

/// Asks whether to go on each time that so much work is done that some hundredths of a second may have passed, however
/// many runs, steps or variables that is. Work is counted, in additions of numbers, since a clock is read no faster
/// than short laps are run. One for each thread.
class Asking {
 public:
  static constexpr double kUnasked = 5e7;

  /// `progress` must outlive it.
  explicit Asking(const Progress& progress) : progress_(progress) {}
  /// What is told from here on.
  void done(double share) { share_ = share; }
  /// Throws Interrupted.
  void now() {
    unasked_ = 0;
    report_progress(progress_, share_);
  }
  /// The same, for what asks by itself.
  Progress progress() {
    return [this](const WorkDone&) {
      now();
      return true;
    };
  }
  /// So much work has been done. Throws Interrupted.
  void after(double work) {
    unasked_ += work;
    if (unasked_ >= kUnasked) now();
  }

 private:
  const Progress& progress_;
  double share_ = 0, unasked_ = 0;
};

}  // namespace etamax
