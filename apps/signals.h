#pragma once

#include <csignal>
#include <string>

namespace etamax::apps {

/// What asks to stop.
inline constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
sigset_t stop_signals();

/// Keeps them waiting until catch_signals is called, be it by a program that this process becomes meanwhile; and lets
/// them through again.
void hold_signals();
void let_signals_through();

/// Has SIGPROF come in time before the kernel kills for a hard limit of processor time (ulimit -t), which it does
/// without SIGXCPU where the soft limit is the same; none: does nothing. For this process, and a program that it
/// becomes.
void watch_processor_time();

/// SIGALRM after so many seconds, and every `again` from then on: one that comes before a call that waits does not
/// break it off. 0: none. Handlers may call it.
void wake_in(double seconds, double again = 0) noexcept;

/// Has Ctrl-C, SIGTERM, SIGHUP and a limit of processor time ask the work to stop, be it in a wait for a file or in the
/// midst of an operation. A second one ends the program at once, and so does a first one that the work has not heard of
/// within a second, or an answer that takes the processor for more than a second then: in a line, with the status of an
/// interruption. From when the work has heard, calls of the system are broken off every now and then. What was ignored
/// when the program started stays ignored (nohup). Those that were held come now.
void catch_signals();

/// Whether a signal has asked to stop. Who hears `true` stops, and has a second of the processor for what is known.
bool interrupted();
/// The same, for who goes on: nothing counts as heard.
bool stop_was_asked() noexcept;
/// For a handler that hands a signal on to another process: it has been heard.
void note_stop() noexcept;
/// For a handler: ends the process with the status of an interruption, in a line if somebody reads it soon.
[[noreturn]] void end_interrupted(const char* words) noexcept;
/// "interrupted", and by which limit where it was one.
std::string interruption();

}  // namespace etamax::apps
