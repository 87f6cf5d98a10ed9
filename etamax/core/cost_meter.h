#pragma once

#include <sys/resource.h>

#include <chrono>

#include "etamax/core/results.h"

namespace etamax {

/// Measures what an answer takes, from when the meter is made.
class CostMeter {
 public:
  /// Fills in the seconds since then, and the most memory that the process has had.
  void read(Cost& cost) const {
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    cost.peak_rss_bytes = usage.ru_maxrss * 1024;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace etamax
