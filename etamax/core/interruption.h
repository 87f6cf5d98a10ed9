#pragma once

namespace etamax {

/// Has the user asked to stop? For work that nobody hands a Progress: waits for a pipe, files of a million lines, the
/// operations of a tensor library. By default nobody asks. A program says once, at its start, how it knows; that is
/// called often and from any thread, and the work that hears `true` stops.
void set_interruption_check(bool (*asked)());

bool interruption_asked();

/// Throws Interrupted where the user has asked to stop.
void check_interruption();

}  // namespace etamax
