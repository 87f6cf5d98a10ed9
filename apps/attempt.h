#pragma once

#include <optional>

namespace etamax::apps {

/// What a confined process has no right to, and libraries that work in it have no need of.
enum class Attempt { change_files = 1, use_network, start_program };

/// While one lives, an attempt of any thread ends the process at once: whoever makes one may not look at what became of
/// it. Before and after, all that happens is that it fails.
class EndAtAttempt {
 public:
  EndAtAttempt();
  ~EndAtAttempt();
  EndAtAttempt(const EndAtAttempt&) = delete;
  EndAtAttempt& operator=(const EndAtAttempt&) = delete;
};

/// For a handler of signals.
void note_attempt(Attempt attempt) noexcept;

/// What ended a process of that exit status; nothing where it was none.
std::optional<Attempt> attempt_that_ended(int status);

}  // namespace etamax::apps
