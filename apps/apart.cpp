#include "apart.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <optional>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"
#include "etamax/core/stopwatch.h"
#include "etamax/files/file_keeper.h"
#include "signals.h"

namespace etamax::apps {
namespace {

/// The first byte of what the other process says.
constexpr char kMade = 'm', kEnvironment = 'e', kFault = 'f';

std::string said_by(const std::function<std::string()>& work) {
  try {
    return kMade + work();
  } catch (const EnvironmentError& e) {
    return kEnvironment + std::string(e.what());
  } catch (const std::exception& e) {
    return kFault + std::string(e.what());
  }
}

[[noreturn]] void work_and_say(const std::function<std::string()>& work, pid_t other, int out) {
  // The signals of a terminal are the other process's to hear, with which this one ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != other) _exit(1);
  for (const int signal : kStopSignals) std::signal(signal, SIG_IGN);
  std::signal(SIGPIPE, SIG_DFL);
  if (const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  const std::string said = said_by(work);
  for (std::size_t at = 0; at < said.size();) {
    const ssize_t written = write(out, said.data() + at, said.size() - at);
    if (written < 0 && errno != EINTR) _exit(1);
    if (written > 0) at += static_cast<std::size_t>(written);
  }
  _exit(0);
}

struct Closing {
  int file;
  ~Closing() { close(file); }
};

/// The process that works, which does not outlive this.
class Worker {
 public:
  explicit Worker(pid_t id) : id_(id) {}
  ~Worker() {
    if (id_ <= 0) return;
    kill(id_, SIGKILL);
    wait();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Its status.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

 private:
  pid_t id_;
};

/// For the picture of an answer that an interruption has asked for, on a busy machine.
constexpr double kForPartial = 10;  // seconds

/// Nothing where it does not end in that time. Throws Interrupted where a signal asks to stop meanwhile; an answer that
/// one has asked for is not broken off by that one.
std::optional<std::string> read_all(int in, double seconds, bool asked_before) {
  const Stopwatch watch;
  constexpr double kBetweenQuestions = 0.1;  // seconds
  if (asked_before) seconds = std::min(seconds, kForPartial);
  std::string text;
  char block[1 << 14];
  while (true) {
    if (!asked_before) check_interruption();
    pollfd ready{in, POLLIN, 0};
    const double left = seconds - watch.seconds();
    if (left <= 0) return {};
    if (poll(&ready, 1, static_cast<int>(std::ceil(1000 * std::min(left, kBetweenQuestions)))) <= 0) continue;
    const ssize_t count = read(in, block, sizeof block);
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
    if (count > 0) text.append(block, static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string made_apart(const std::string& what, const std::function<std::string()>& work, double seconds) {
  if (file_keeper()) return work();  // this process is a confined one, which may make no other, and may end by itself
  int ends[2];
  const auto refuse = [&](const std::string& why) {
    throw EnvironmentError(fmt::format("{} cannot be made: {}", what, why));
  };
  if (pipe2(ends, O_CLOEXEC) != 0) refuse(std::strerror(errno));
  const Closing in{ends[0]};
  const bool asked_before = interruption_asked();
  const pid_t self = getpid(), made = fork();
  if (made == 0) work_and_say(work, self, ends[1]);
  const int fault = errno;
  close(ends[1]);
  if (made < 0) refuse(std::strerror(fault));
  Worker worker(made);
  const std::optional<std::string> said = read_all(in.file, seconds, asked_before);
  if (!said)
    refuse(fmt::format("the libraries that draw it did not end within {} s; .svg needs none of them", seconds));
  if (worker.wait() != 0 || said->empty())
    refuse("the libraries that draw it gave up, as they do without memory; .svg needs none of them");
  if (said->front() == kEnvironment) throw EnvironmentError(said->substr(1));
  if (said->front() == kFault) throw std::runtime_error(said->substr(1));
  return said->substr(1);
}

}  // namespace etamax::apps
