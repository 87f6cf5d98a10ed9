#include "model_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"
#include "confinement.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/replace_file.h"
#include "etamax/model/runtime.h"
#include "etamax/model/torchscript.h"
#include "messages.h"
#include "options.h"
#include "signals.h"

namespace etamax::apps {
namespace {

// ---- Signals: the old process has them all, and hands them on as one that nobody else sends.

constexpr int kStop = SIGUSR1;
volatile std::sig_atomic_t other = 0;  // 0 where there is none any more

void signal_other(int number) {
  if (other > 0) ::kill(static_cast<pid_t>(other), number);
}

/// What the new process tells of its end (messages.h).
class LastWords {
 public:
  void read_from(int pipe) { pipe_ = pipe; }
  /// May be called by a handler of signals, but not while it runs.
  End read() {
    while (pipe_ >= 0 && size_ < sizeof said_) {
      const ssize_t count = ::read(pipe_, said_ + size_, sizeof said_ - size_);
      if (count <= 0) break;
      size_ += static_cast<std::size_t>(count);
    }
    return end_told_by({said_, size_});
  }

 private:
  int pipe_ = -1;
  char said_[2 * kLongestMessage];
  std::size_t size_ = 0;
} last_words_of_other;

// The new process ends its work and itself a second after kStop, and has one more of the processor for an answer; these
// are for one that does not, by the clock, of a busy machine too.
constexpr double kToHear = 1.5, kToAnswer = 5;  // seconds
constexpr double kBetweenBreaks = 0.3;          // of this one's waits for a reader
volatile std::sig_atomic_t answers = 0;

extern "C" void end_other(int) {
  const int before = errno;
  if (asker_waits() || other == 0) {  // for this one, and a reader of its answer; or has ended
    wake_in(kBetweenBreaks);
  } else if (!answers && last_words_of_other.read().heard) {
    answers = 1;
    wake_in(kToAnswer);
  } else {
    signal_other(SIGKILL);
  }
  errno = before;
}

/// The second one ends both at once.
extern "C" void hand_on(int number) {
  const int before = errno;
  const bool second = stop_was_asked();
  signal_other(second ? SIGKILL : kStop);
  if (second) {
    unlink_unfinished();
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  note_stop();
  wake_in(kToHear);
  errno = before;
}

/// Which of them nohup or the like has switched off stay so.
void handle_all(void (*handler)(int)) {
  for (const int number : kStopSignals) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = handler;
    ::sigaction(number, &action, nullptr);
  }
}

/// In the old process.
void hand_signals_to(pid_t process) {
  other = process;
  handle_all(hand_on);
  struct sigaction action {};
  action.sa_handler = end_other;  // which breaks off the wait for a reader
  ::sigaction(SIGALRM, &action, nullptr);
}

/// In the new process: what they did is done by kStop, and Ctrl-C, which all of a terminal's processes get, does
/// nothing. Its limit of processor time is its own.
void take_signals_from_old() {
  for (const int number : kStopSignals) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL) ::sigaction(kStop, &action, nullptr);
  }
  struct sigaction out_of_time {};
  ::sigaction(SIGXCPU, nullptr, &out_of_time);
  handle_all(SIG_IGN);
  ::sigaction(SIGXCPU, &out_of_time, nullptr);
  watch_processor_time();
}

// ---- How the new process ended.

/// "model.pt", or "loss.pt", or both.
std::string scripts_of(const ModelSetup& setup) {
  std::vector<std::string> files;
  for (const std::string& text : {setup.model, setup.loss})
    if (is_model_file(text)) files.push_back(text);
  return joined(files);
}

const char* words_of(Attempt attempt) {
  switch (attempt) {
    case Attempt::change_files:
      return "write or remove a file";
    case Attempt::use_network:
      return "use the network";
    case Attempt::start_program:
      return "start a program";
  }
  return "";
}

/// The limit of processor time at which the kernel kills, where about that much was used: it counts by its clock's
/// ticks, and says what was used by the processor's.
std::optional<rlim_t> limit_reached(const rusage& used) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return {};
  const auto hundredths = [](const timeval& t) { return 100 * t.tv_sec + t.tv_usec / 10000; };
  const auto spent = static_cast<rlim_t>(hundredths(used.ru_utime) + hundredths(used.ru_stime));
  return spent >= 80 * limit.rlim_max ? std::optional(limit.rlim_max) : std::nullopt;
}

constexpr int kAnswered = 0, kNotBelowTheEdge = 4;  // the statuses of an answer

int status_of(pid_t process, const ModelSetup& setup, bool answered) {
  const std::string scripts = scripts_of(setup);
  int status = 0;
  rusage used{};
  while (::wait4(process, &status, 0, &used) < 0)
    if (errno != EINTR) throw EnvironmentError(scripts + ": cannot be waited for: " + std::strerror(errno));
  other = 0;
  wake_in(stop_was_asked() ? kBetweenBreaks : 0);
  const int exited = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const std::optional<Attempt> attempt = attempt_that_ended(exited);
  const End end = last_words_of_other.read();
  const bool without_answer =
      end.status != exited || (!answered && (exited == kAnswered || exited == kNotBelowTheEdge));
  if (WIFEXITED(status) && !attempt && !without_answer) {
    if (!end.words.empty()) {
      wipe_status();
      put_line(end.words);
    }
    return exited;
  }
  wipe_status();
  if (attempt)
    throw InputError(is_model_file(setup.model) ? "model" : "loss",
                     fmt::format("{}: it tried to {}, and a model has no right to; where you trust it, `trust_model` "
                                 "gives it",
                                 scripts, words_of(*attempt)));
  if (stop_was_asked()) throw Interrupted();
  if (exited >= 0)
    throw EnvironmentError(
        fmt::format("{}: the process that ran it ended without an answer, with status {}", scripts, exited));
  const int number = WTERMSIG(status);
  if (const std::optional<rlim_t> seconds = limit_reached(used); seconds && number == SIGKILL) {
    say(fmt::format("interrupted by the limit of processor time, {} s (ulimit -t), of {}", *seconds, scripts));
    return 3;
  }
  throw EnvironmentError(fmt::format("{}: the process that ran it was ended by signal {} ({}){}", scripts, number,
                                     ::strsignal(number), number == SIGKILL ? ": memory may not have sufficed" : ""));
}

// ---- The two processes.

[[noreturn]] void cannot_start() {
  throw EnvironmentError(std::string("no process for the TorchScript file can be started: ") + std::strerror(errno));
}

void become_confined(const ModelSetup& setup, const std::vector<NamedFile>& files, pid_t old, int channel, int end,
                     bool quiet) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != old) std::_Exit(1);
  take_signals_from_old();
  tell_end_to(end);
  ask_another_process(channel);
  std::vector<std::string> readable;
  for (const auto& [option, path] : files_of(setup)) readable.push_back(path);
  for (const NamedFile& file : files) readable.push_back(file.path);  // a state is carried on
  const std::vector<std::string> lacks = confine(readable);
  for (const std::string& what : lacks)
    if (!quiet)
      say(fmt::format(
          "warning: a TorchScript file is a program, and this kernel cannot confine it; {}; where you trust it, say "
          "--trust-model",
          what));
}

}  // namespace

void check_spares(const std::vector<NamedFile>& files, const ModelSetup& setup) {
  const std::multimap<std::string, std::string> sources = sources_of(setup);
  for (const NamedFile& file : files)
    if (!file.path.empty())
      for (const auto& [option, path] : sources) check_spares(file.field, file.path, option, path);
}

std::optional<int> split_off_model(const ModelSetup& setup, const std::vector<NamedFile>& files, bool quiet) {
  if (setup.trust_model || !runs_torchscript(setup)) return {};
  if (setup.device != "cpu") {  // whose drivers open, write and start what they like
    if (!quiet)
      say("warning: a TorchScript file is a program, which is confined with --device cpu only; where you trust it, say "
          "--trust-model");
    return {};
  }
  int ends[2], words[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || ::pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0)
    cannot_start();
  std::fflush(nullptr);
  const sigset_t ours = stop_signals();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &ours, &before);
  const pid_t old = ::getpid(), made = ::fork();
  if (made < 0) cannot_start();
  const int others = made == 0 ? 0 : 1;
  ::close(ends[others]);
  ::close(words[others]);
  if (made == 0) {
    become_confined(setup, files, old, ends[1], words[1], quiet);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return {};
  }
  last_words_of_other.read_from(words[0]);
  hand_signals_to(made);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  refuse_missing_memory();  // else what that process sends could take all that there is
  const bool printed = keep_for_asker(ends[0], files);
  return status_of(made, setup, quiet || printed);
}

}  // namespace etamax::apps
