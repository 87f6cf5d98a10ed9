#include "model_process.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>

#include "attempt.h"
#include "confinement.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/exclusive_file.h"
#include "etamax/files/file_keeper.h"
#include "etamax/files/replace_file.h"
#include "etamax/model/torchscript.h"
#include "message_channel.h"
#include "messages.h"
#include "options.h"
#include "signals.h"

namespace etamax::apps {
namespace {

// ---- Signals: the old process has them all, and hands them on as one that nobody else sends.

constexpr int kStop = SIGUSR1;
volatile std::sig_atomic_t other = 0, stopping = 0;

/// The second one ends both at once.
extern "C" void hand_on(int number) {
  ::kill(static_cast<pid_t>(other), stopping ? SIGKILL : kStop);
  if (stopping) {
    unlink_unfinished();
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  stopping = 1;
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

// ---- Files: the new process asks, the old one opens and writes.

using Request = std::array<std::string, 5>;  ///< "replace", field, path, content; or "open", field, path, most, in_use
using Answer =
    std::array<std::string, 5>;  ///< "done" and a content; or what was thrown: kind, field, value, constraint, words

template <typename Texts>
bool send_all(MessageChannel& channel, const Texts& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) { return channel.send(text); });
}
template <typename Texts>
bool receive_all(MessageChannel& channel, Texts& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](std::string& text) { return channel.receive(text); });
}

class AskedKeeper final : public FileKeeper {
 public:
  explicit AskedKeeper(int channel) : channel_(channel) {}
  void replace(const std::string& field, const std::string& path, std::string_view content) override {
    ask({"replace", field, path, std::string(content)});
  }
  std::string open_exclusively(const std::string& field, const std::string& path, std::size_t most,
                               const std::string& in_use) override {
    return ask({"open", field, path, std::to_string(most), in_use});
  }

 private:
  std::string ask(const Request& request) {
    Answer answer;
    if (!send_all(channel_, request) || !receive_all(channel_, answer))
      throw EnvironmentError("'" + request[2] + "' cannot be written: the process that writes it has ended");
    const auto& [kind, field, value, constraint, words] = answer;
    if (kind == "input") throw InputError(field, value, constraint, words);
    if (kind == "interrupted") throw Interrupted();
    if (kind != "done") throw EnvironmentError(words);
    return field;
  }

  MessageChannel channel_;
};

class NamedFiles {
 public:
  explicit NamedFiles(const std::vector<NamedFile>& files) : files_(files) {}

  Answer answer(const Request& request) {
    try {
      return {"done", answered(request)};
    } catch (const InputError& e) {
      return {"input", e.field(), e.value(), e.constraint(), e.what()};
    } catch (const Interrupted&) {
      return {"interrupted"};
    } catch (const std::exception& e) {
      return {"environment", "", "", "", e.what()};
    }
  }

 private:
  std::string answered(const Request& request) {
    const auto& [what, field, path, content, in_use] = request;
    const auto is_it = [&field = field, &path = path](const NamedFile& f) {
      return f.field == field && f.path == path;
    };
    if (std::none_of(files_.begin(), files_.end(), is_it))
      throw EnvironmentError("'" + path + "' is not written: it was not named");
    const auto open = open_.find(path);
    if (what == "open" && open == open_.end()) {
      const std::size_t most = std::strtoull(content.c_str(), nullptr, 10);
      return open_.try_emplace(path, field, path, most, in_use).first->second.content();
    }
    if (open != open_.end())
      open->second.replace(content);
    else
      replace_file(field, path, content);
    return "";
  }

  const std::vector<NamedFile>& files_;
  std::map<std::string, ExclusiveFile> open_;
};

/// Until the other process ends.
void keep_for(MessageChannel& channel, const std::vector<NamedFile>& files) {
  NamedFiles named(files);
  Request request;
  while (receive_all(channel, request) && send_all(channel, named.answer(request))) {
  }
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

int status_of(pid_t process, const ModelSetup& setup) {
  const std::string scripts = scripts_of(setup);
  int status = 0;
  rusage used{};
  while (::wait4(process, &status, 0, &used) < 0)
    if (errno != EINTR) throw EnvironmentError(scripts + ": cannot be waited for: " + std::strerror(errno));
  const std::optional<Attempt> attempt = WIFEXITED(status) ? attempt_that_ended(WEXITSTATUS(status)) : std::nullopt;
  if (WIFEXITED(status) && !attempt) return WEXITSTATUS(status);
  wipe_status();
  if (attempt)
    throw InputError(is_model_file(setup.model) ? "model" : "loss",
                     fmt::format("{}: it tried to {}, and a model has no right to; where you trust it, `trust_model` "
                                 "gives it",
                                 scripts, words_of(*attempt)));
  if (stopping) throw Interrupted();
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

void become_confined(const ModelSetup& setup, const std::vector<NamedFile>& files, pid_t old, int channel, bool quiet) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != old) std::_Exit(1);
  take_signals_from_old();
  set_file_keeper(std::make_unique<AskedKeeper>(channel));
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
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) cannot_start();
  std::fflush(nullptr);
  const sigset_t ours = stop_signals();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &ours, &before);
  const pid_t old = ::getpid(), made = ::fork();
  if (made < 0) cannot_start();
  ::close(ends[made == 0 ? 0 : 1]);
  if (made == 0) {
    become_confined(setup, files, old, ends[1], quiet);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return {};
  }
  other = made;
  handle_all(hand_on);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  MessageChannel channel(ends[0]);
  keep_for(channel, files);
  return status_of(made, setup);
}

}  // namespace etamax::apps
