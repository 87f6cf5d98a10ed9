#include "messages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/interruption.h"
#include "etamax/core/utf8.h"
#include "signals.h"

namespace etamax::apps {
namespace {

/// Returns what is wrong, an errno, or 0; EINTR where nobody reads and that is not waited for any longer.
int write_all(int stream, std::string_view text, const Patience& patience) {
  while (!text.empty()) {
    const ssize_t count = ::write(stream, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    pollfd ready{stream, POLLOUT, 0};
    // Somebody else may have made the stream one that does not wait.
    if (errno == EAGAIN && poll(&ready, 1, -1) >= 0) continue;
    if (errno != EINTR || patience.is_over()) return errno;
  }
  return 0;
}

/// One line that may be shown, cut in its middle where it is long.
std::string message_line(std::string_view text) {
  constexpr std::string_view kCut = "...";
  constexpr std::size_t kSide = (kLongestMessage - kCut.size()) / 2;
  const std::string line = one_line(text);
  if (line.size() <= kLongestMessage) return line;
  std::size_t rest = line.size() - kSide;
  while ((line[rest] & 0xC0) == 0x80) ++rest;  // not within a character
  return fmt::format("{}{}{}", utf8_prefix(line, kSide), kCut, line.substr(rest));
}

/// How long the sequence is that sets a color at `at`; 0 where there is none.
std::size_t color_length(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\x1b[") return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 - at : 0;
}

std::unique_ptr<Printer> printer;
volatile std::sig_atomic_t end_pipe = -1;
constexpr char kHeard = 'h';

void tell(char what) noexcept {
  if (end_pipe < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(static_cast<int>(end_pipe), &what, 1);
}

}  // namespace

void ready_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
      open("/dev/null", O_RDONLY);  // takes the lowest number that is free; nothing is written there unnoticed
  for (const int no_room : {SIGPIPE, SIGXFSZ}) std::signal(no_room, SIG_IGN);
}

Terminal terminal_of(int stream) {
  if (printer) return printer->terminal(stream);
  Terminal terminal{isatty(stream) != 0, 0};
  winsize size{};
  if (terminal.there && ioctl(stream, TIOCGWINSZ, &size) == 0) terminal.width = size.ws_col;
  return terminal;
}

void set_printer(std::unique_ptr<Printer> other) { printer = std::move(other); }

void put_line(std::string_view text) {
  constexpr double kPatience = 0.3;  // seconds
  if (printer) return printer->line(text);
  write_all(STDERR_FILENO, message_line(text) + "\n", Patience(stop_was_asked(), kPatience));
}

/// Whether or not anything takes it: work does not end for that, nor wait.
void put_status(std::string_view text) {
  if (printer) return printer->status(text);
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) == 0) return;
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void say(std::string_view message) { put_line(fmt::format("etamax: {}", message)); }

void wipe_status() noexcept {
  if (isatty(STDERR_FILENO) == 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kWipe.data(), kWipe.size());
}

void tell_end_to(int pipe) noexcept { end_pipe = pipe; }
int last_words() noexcept { return end_pipe < 0 ? STDERR_FILENO : static_cast<int>(end_pipe); }
void note_heard() noexcept { tell(kHeard); }
int note_end(int status) noexcept {
  tell(static_cast<char>('0' + status));
  return status;
}

End end_told_by(std::string_view said) {
  constexpr int kHighest = 4;  // of the documented statuses
  End end;
  end.heard = said.starts_with(kHeard);
  if (end.heard) said.remove_prefix(1);
  if (said.empty() || said.back() < '0' || said.back() > '0' + kHighest) return end;
  end.status = said.back() - '0';
  said.remove_suffix(1);
  if (said.ends_with('\n')) said.remove_suffix(1);
  end.words = said;
  return end;
}

std::string for_terminal(std::string_view text, bool color) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t kept = text[at] == '\n' ? 1 : color ? color_length(text, at) : 0;
    if (kept == 0) {
      shown += visible_character(text, at);
    } else {
      shown += text.substr(at, kept);
      at += kept;
    }
  }
  return shown;
}

void print(std::string_view text) {
  if (printer) return printer->print(text);
  constexpr double kPatience = 1;  // seconds
  const int fault = write_all(STDOUT_FILENO, text, Patience(interrupted(), kPatience));
  if (fault == EINTR) {
    interrupted();  // is heard of now
    throw Interrupted();
  }
  struct stat status {};
  const bool terminal = fstat(STDOUT_FILENO, &status) == 0 && S_ISCHR(status.st_mode);
  const bool closed = fault == EBADF, nobody_reads = fault == EPIPE || (fault == EIO && terminal);
  if (fault != 0 && !closed && !nobody_reads)
    throw EnvironmentError(fmt::format("standard output cannot be written: {}", std::strerror(fault)));
}

}  // namespace etamax::apps
