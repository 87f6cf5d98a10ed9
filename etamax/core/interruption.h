#pragma once

#include <cerrno>

#include "etamax/core/stopwatch.h"

namespace etamax {

/// Has the user asked to stop? For work that nobody hands a Progress: waits for a pipe, files of a million lines, the
/// operations of a tensor library. By default nobody asks. A program says once, at its start, how it knows; that is
/// called often and from any thread, and the work that hears `true` stops.
void set_interruption_check(bool (*asked)());

bool interruption_asked();

/// Throws Interrupted where the user has asked to stop.
void check_interruption();

/// How long somebody else is waited for, such as who reads what is written: until a signal comes. What is written
/// because one has asked to stop may take some time yet; whoever asked sees to it that calls of the system are broken
/// off from then on, again and again.
class Patience {
 public:
  /// `asked`: whether the user had asked to stop before the wait began, which then has so many seconds in all.
  Patience(bool asked, double seconds) : asked_(asked), seconds_(seconds) {}
  /// For whoever was waiting in a call that a signal has broken off: not to be made again.
  bool is_over() const { return !asked_ || waiting_.seconds() >= seconds_; }

 private:
  bool asked_;
  double seconds_;
  Stopwatch waiting_;
};

/// What a call of the system returns once no signal has broken it off: one that does not ask to stop changes nothing.
/// Throws Interrupted.
template <typename Call>
auto interruptible_call(Call call) {
  while (true) {
    check_interruption();
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace etamax
