#include "apart.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "etamax/core/error.h"
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

[[noreturn]] void work_and_say(const std::function<std::string()>& work, int out) {
  // It ends soon by itself, and by its pipe where the other process has ended.
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

std::string read_all(int in) {
  std::string text;
  char block[1 << 14];
  while (true) {
    const ssize_t count = read(in, block, sizeof block);
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
    if (count > 0) text.append(block, static_cast<std::size_t>(count));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string made_apart(const std::string& what, const std::function<std::string()>& work) {
  if (file_keeper()) return work();  // this process is a confined one, which may make no other, and may end by itself
  int ends[2];
  const auto refuse = [&] { throw EnvironmentError(fmt::format("{} cannot be made: {}", what, std::strerror(errno))); };
  if (pipe2(ends, O_CLOEXEC) != 0) refuse();
  const pid_t child = fork();
  if (child == 0) work_and_say(work, ends[1]);
  close(ends[1]);
  const std::string said = child < 0 ? "" : read_all(ends[0]);
  close(ends[0]);
  if (child < 0) refuse();
  const int status = wait_for(child);
  if (status != 0 || said.empty())
    throw EnvironmentError(
        fmt::format("{} cannot be made: the libraries that draw it gave up, as they do without "
                    "memory; .svg needs none of them",
                    what));
  if (said[0] == kEnvironment) throw EnvironmentError(said.substr(1));
  if (said[0] == kFault) throw std::runtime_error(said.substr(1));
  return said.substr(1);
}

}  // namespace etamax::apps
