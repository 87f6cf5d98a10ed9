#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "etamax/core/interruption.h"
#include "etamax/files/replace_file.h"
#include "messages.h"

namespace etamax::apps {
namespace {

constexpr unsigned kPatience = 1;                          // seconds
constexpr int kInterrupted = 3;                            // the exit status
constexpr double kBetweenBreaks = 0.1, kUnreadLine = 0.3;  // seconds

std::atomic<bool> asked = false, heard = false, out_of_time = false, asked_by_limit = false;
static_assert(std::atomic<bool>::is_always_lock_free, "handlers write to it");

// ---- The hard limit of processor time.

double hard_limit = 0;  // seconds; 0: there is none
char limit_words[80] = "";

/// Seconds of this process, by the clock's ticks or a little less.
double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

timeval time_of(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  return {whole, static_cast<suseconds_t>(1e6 * (seconds - static_cast<double>(whole)))};
}

/// SIGPROF at that processor time, or at once where it is over. An interval timer counts as the limit does, and is kept
/// by a program that this process becomes.
void wake_at(double seconds) {
  constexpr double kSoon = 1e-3;
  const itimerval timer{{}, time_of(std::max(kSoon, seconds - processor_time()))};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

/// Before the limit there is to be time for hearing of it and for an answer, be it on all cores; of a large limit that
/// takes an eighth at most, of a small one half.
double time_to_ask() {
  constexpr double kForAnswer = 2;
  const double cores = static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  const double before = std::max(std::min(kForAnswer * cores, hard_limit / 8), std::min(kForAnswer, hard_limit / 2));
  return hard_limit - before;
}
double last_moment() { return hard_limit - 0.2; }  // several ticks

// ---- What handlers do.

extern "C" void end_unread(int) { _exit(kInterrupted); }

/// What takes too long is ended, from wherever it is.
[[noreturn]] void end_work() {
  end_interrupted(out_of_time ? "; what was being done did not stop in time\n"
                              : "; what was being done did not stop within 1 s\n");
}
[[noreturn]] void end_answer() {
  end_interrupted(out_of_time ? "; the answer that was known by then could not be written in time\n"
                              : "; the answer that was known by then took more than 1 s to write\n");
}

extern "C" void on_alarm(int) {
  if (!heard) end_work();
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

/// The limit of processor time is near, or an answer's is reached.
extern "C" void on_time_spent(int, siginfo_t* info, void*) {
  if (info->si_code == SI_TIMER) end_answer();
  if (out_of_time) heard ? end_answer() : end_work();
  out_of_time = true;
  asked_by_limit = !asked;
  wake_at(last_moment());
  on_signal(SIGXCPU);
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

void watch_processor_time() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return;
  hard_limit = static_cast<double>(std::max<rlim_t>(limit.rlim_max, 1));  // the kernel takes 0 for 1
  std::snprintf(limit_words, sizeof limit_words, " by the limit of processor time, %.0f s (ulimit -t)", hard_limit);
  wake_at(time_to_ask());
}

void wake_in(double seconds, double again) noexcept {
  const itimerval timer{time_of(again), time_of(seconds)};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

void catch_signals() {
  struct sigaction action {};  // its calls of the system are not restarted: whoever waits in one is to hear of it
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, nullptr);
  main_thread = pthread_self();
  action.sa_mask = stop_signals();
  action.sa_handler = on_signal;
  for (const int number : kStopSignals) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = on_time_spent;
  sigaction(SIGPROF, &action, nullptr);
  set_interruption_check(interrupted);
  watch_processor_time();
  let_signals_through();
}

void end_interrupted(const char* words) noexcept {
  unlink_unfinished();
  // From here on nothing is waited for, as for a pipe that is full.
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = end_unread;
  sigaction(SIGALRM, &action, nullptr);
  sigset_t mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &mine, nullptr);
  wake_in(kUnreadLine, kUnreadLine);
  wipe_status();
  for (const char* part : {"etamax: interrupted", asked_by_limit ? limit_words : "", words}) {
    [[maybe_unused]] const ssize_t ignored = write(last_words(), part, std::strlen(part));
  }
  _exit(note_end(kInterrupted));
}

bool interrupted() {
  if (!asked) return false;
  if (!heard.exchange(true)) {
    note_heard();
    wake_in(kBetweenBreaks, kBetweenBreaks);
    limit_answer();
  }
  return true;
}

bool stop_was_asked() noexcept { return asked; }

void note_stop() noexcept { asked = heard = true; }

std::string interruption() { return std::string("interrupted") + (asked_by_limit ? limit_words : ""); }

}  // namespace etamax::apps
