#include "keeping.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/core/utf8.h"
#include "etamax/files/exclusive_file.h"
#include "etamax/files/file_keeper.h"
#include "etamax/files/replace_file.h"
#include "message_channel.h"
#include "messages.h"

namespace etamax::apps {
namespace {

// ---- Requests and answers.

/// "replace", field, path, content; or "open", field, path, most, in_use; or "print", "line" or "status", of which the
/// content alone counts.
using Request = std::array<std::string, 5>;
/// "done" and a content; or what was thrown: kind, field, value, constraint, words.
using Answer = std::array<std::string, 5>;

template <typename Texts>
bool send_all(MessageChannel& channel, const Texts& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) { return channel.send(text); });
}
template <typename Texts>
bool receive_all(MessageChannel& channel, Texts& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](std::string& text) { return channel.receive(text); });
}

// ---- The process that asks.

class Asker {
 public:
  explicit Asker(int channel) : channel_(channel) {}
  /// Returns a content; `lost` says what is not done where nobody is there.
  std::string ask(const Request& request, const char* lost) {
    Answer answer;
    {
      const std::lock_guard alone(one_at_a_time_);
      if (!send_all(channel_, request) || !receive_all(channel_, answer))
        throw EnvironmentError(std::string(lost) + ": the process that does it has ended");
    }
    const auto& [kind, field, value, constraint, words] = answer;
    if (kind == "input") throw InputError(field, value, constraint, words);
    if (kind == "interrupted") throw Interrupted();
    if (kind != "done") throw EnvironmentError(words);
    return field;
  }

 private:
  std::mutex one_at_a_time_;
  MessageChannel channel_;
};

class AskedKeeper final : public FileKeeper {
 public:
  explicit AskedKeeper(std::shared_ptr<Asker> asker) : asker_(std::move(asker)) {}
  void replace(const std::string& field, const std::string& path, std::string_view content) override {
    ask({"replace", field, path, std::string(content)});
  }
  std::string open_exclusively(const std::string& field, const std::string& path, std::size_t most,
                               const std::string& in_use) override {
    return ask({"open", field, path, std::to_string(most), in_use});
  }

 private:
  std::string ask(const Request& request) {
    return asker_->ask(request, ("'" + request[2] + "' cannot be written").c_str());
  }
  std::shared_ptr<Asker> asker_;
};

class AskedPrinter final : public Printer {
 public:
  /// To be made while the streams are still there.
  explicit AskedPrinter(std::shared_ptr<Asker> asker)
      : asker_(std::move(asker)), output_(terminal_of(STDOUT_FILENO)), errors_(terminal_of(STDERR_FILENO)) {}
  Terminal terminal(int stream) const override { return stream == STDOUT_FILENO ? output_ : errors_; }
  void print(std::string_view text) override {
    asker_->ask({"print", "", "", std::string(text)}, "the answer cannot be printed");
  }
  void line(std::string_view text) override { tell("line", text); }
  void status(std::string_view text) override { tell("status", text); }

 private:
  void tell(const char* what, std::string_view text) {
    try {
      asker_->ask({what, "", "", std::string(text)}, "");
    } catch (const EnvironmentError&) {  // nobody has to listen
    }
  }
  std::shared_ptr<Asker> asker_;
  Terminal output_, errors_;
};

std::vector<int> open_files() {
  std::vector<int> open = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  std::error_code error;
  auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    if (const int file = std::atoi(at->path().filename().c_str()); file > STDERR_FILENO) open.push_back(file);
  return open;
}

/// What libraries keep for themselves has no name.
bool may_be_seen_by_others(int file) {
  std::error_code error;
  const auto name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error);
  return error || !name.string().starts_with("anon_inode:");
}

void let_go_of_what_is_open(int channel) {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) throw EnvironmentError(std::string("/dev/null cannot be opened: ") + std::strerror(errno));
  for (const int file : open_files()) {
    if (file == channel || file == nowhere || file == last_words()) continue;
    const int flags = ::fcntl(file, F_GETFL);
    if (flags < 0) continue;
    const bool writable = (flags & O_ACCMODE) != O_RDONLY;
    if (file == STDOUT_FILENO || file == STDERR_FILENO || isatty(file) || (writable && may_be_seen_by_others(file)))
      ::dup2(nowhere, file);
  }
  ::close(nowhere);
}

// ---- The process that does it.

volatile std::sig_atomic_t serving = 0;

/// What an asker that floods them may show of messages and of the status; no honest one comes near it.
class Messages {
 public:
  void line(const std::string& text) {
    constexpr double kAtOnce = 100, kSecondsForEach = 10;
    if (lines_ >= kAtOnce + watch_.seconds() / kSecondsForEach) return;
    ++lines_;
    put_line(text);
  }
  /// What Status writes: a line, or on a terminal one that is written anew.
  void status(std::string text) {
    constexpr double kPause = 0.1;  // seconds
    if (!text.starts_with(kWipe)) return line(text.substr(0, text.find('\n')));
    const Terminal terminal = terminal_of(STDERR_FILENO);
    text.erase(0, kWipe.size());
    if (!terminal.there || (text.empty() ? !shown_ : watch_.seconds() < next_)) return;
    shown_ = !text.empty();
    next_ = watch_.seconds() + kPause;
    const auto room = static_cast<std::size_t>(std::max(terminal.width, 1));
    put_status(std::string(kWipe).append(utf8_prefix(one_line(text), room)));
  }

 private:
  Stopwatch watch_;
  double lines_ = 0, next_ = 0;
  bool shown_ = false;
};

class Keeper {
 public:
  explicit Keeper(const std::vector<NamedFile>& files) : files_(files) {}

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
  bool printed() const { return printed_; }

 private:
  std::string answered(const Request& request) {
    const auto& [what, field, path, content, in_use] = request;
    if (what == "line")
      messages_.line(content);
    else if (what == "status")
      messages_.status(content);
    else if (what == "print")
      print_once(content);
    else
      return of_file(request);
    return "";
  }

  void print_once(const std::string& text) {
    constexpr std::size_t kMost = std::size_t{1} << 30;
    if (printed_ || text.size() > kMost) throw EnvironmentError("the answer is not printed: it is no single one");
    printed_ = true;
    print(for_terminal(text, terminal_of(STDOUT_FILENO).there));
  }

  std::string of_file(const Request& request) {
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
  Messages messages_;
  bool printed_ = false;
};

}  // namespace

void ask_another_process(int channel) {
  const auto asker = std::make_shared<Asker>(channel);
  set_file_keeper(std::make_unique<AskedKeeper>(asker));
  set_printer(std::make_unique<AskedPrinter>(asker));
  let_go_of_what_is_open(channel);
}

bool keep_for_asker(int channel_end, const std::vector<NamedFile>& files) {
  MessageChannel channel(channel_end);
  Keeper keeper(files);
  Request request;
  while (receive_all(channel, request)) {
    serving = 1;
    const Answer answer = keeper.answer(request);
    serving = 0;
    if (!send_all(channel, answer)) break;
  }
  return keeper.printed();
}

bool asker_waits() noexcept { return serving != 0; }

}  // namespace etamax::apps
