#pragma once

#include <cerrno>

namespace etamax {

/// Has the user asked to stop? For work that nobody hands a Progress: waits for a pipe, files of a million lines, the
/// operations of a tensor library. By default nobody asks. A program says once, at its start, how it knows; that is
/// called often and from any thread, and the work that hears `true` stops.
void set_interruption_check(bool (*asked)());

bool interruption_asked();

/// Throws Interrupted where the user has asked to stop.
void check_interruption();

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
