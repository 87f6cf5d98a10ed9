#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <ctime>

#include "etamax/core/interruption.h"
#include "etamax/files/replace_file.h"
#include "messages.h"

namespace etamax::apps {
namespace {

constexpr unsigned kPatience = 1;  // seconds
constexpr int kInterrupted = 3;    // the exit status

std::atomic<bool> asked = false, heard = false;
static_assert(std::atomic<bool>::is_always_lock_free, "handlers write to it");

[[noreturn]] void end_in(const char* words) {
  unlink_unfinished();
  wipe_status();
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, words, std::strlen(words));
  _exit(kInterrupted);
}

/// What takes too long is ended, from wherever it is.
extern "C" void on_alarm(int) {
  if (!heard) end_in("etamax: interrupted; what was being done did not stop within 1 s\n");
}
extern "C" void on_answer_too_long(int) {
  end_in("etamax: interrupted; the answer that was known by then took more than 1 s to write\n");
}

pthread_t main_thread;

/// From hearing on, the main thread has so much work left for an answer. Its waits do not count: for a reader of a
/// pipe, for other programs on a busy machine.
void limit_answer() {
  clockid_t clock{};
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  itimerspec limit{};
  limit.it_value.tv_sec = kPatience;
  timer_t timer{};
  if (pthread_getcpuclockid(main_thread, &clock) == 0 && timer_create(clock, &event, &timer) == 0)
    timer_settime(timer, 0, &limit, nullptr);
}

extern "C" void on_signal(int number) {
  if (asked && number == SIGXCPU) return;  // which comes again each second
  if (asked) {
    unlink_unfinished();
    // As if it had never been caught, once this has returned.
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  alarm(kPatience);
  asked = true;
}

}  // namespace

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kStopSignals) sigaddset(&set, number);
  return set;
}

void hold_signals() {
  const sigset_t set = stop_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void let_signals_through() {
  const sigset_t set = stop_signals();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void catch_signals() {
  struct sigaction action {};  // its calls of the system are not restarted: whoever waits in one is to hear of it
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, nullptr);
  action.sa_handler = on_answer_too_long;
  sigaction(SIGPROF, &action, nullptr);
  main_thread = pthread_self();
  action.sa_handler = on_signal;
  action.sa_mask = stop_signals();
  for (const int number : kStopSignals) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  set_interruption_check(interrupted);
  let_signals_through();
}

bool interrupted() {
  if (!asked) return false;
  if (!heard.exchange(true)) {
    alarm(0);
    limit_answer();
  }
  return true;
}

}  // namespace etamax::apps
