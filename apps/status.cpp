#include "status.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "verbs.h"

namespace etamax::apps {
namespace {

constexpr double kAtOnce = 0.5, kTerminalPause = 0.2, kFilePause = 30;  // seconds

Status::Medium standard_error() {
  Status::Medium medium;
  medium.terminal = isatty(STDERR_FILENO) != 0;
  winsize size{};
  if (medium.terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) medium.width = size.ws_col;
  medium.seconds = [watch = Stopwatch()] { return watch.seconds(); };
  return medium;
}

/// "0:24", "1:02:03".
std::string clock_text(double seconds) {
  const long all = static_cast<long>(seconds), hours = all / 3600, minutes = all / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, all % 60)
                   : fmt::format("{}:{:02}", minutes, all % 60);
}

std::string how_far(const WorkDone& done) {
  if (done.in_words) return done.in_words();
  return done.part > 0 && done.part < 1 ? fmt::format("{:.0f}%", 100 * done.part) : "";
}

}  // namespace

Status::Status(bool quiet) : Status(!quiet, standard_error()) {}

Status::Status(bool shown, Medium medium)
    : shown_(shown), medium_(std::move(medium)), next_(medium_.terminal ? kAtOnce : kFilePause) {}

void Status::stage(const std::string& what) {
  stage_ = what;
  progress(0);
}

void Status::progress(const WorkDone& done) {
  if (!shown_) return;
  const double now = medium_.seconds();
  if (now < next_) return;
  const std::string far = how_far(done);
  if (stage_.empty() && far.empty()) return;
  show(stage_ + (stage_.empty() || far.empty() ? "" : ": ") + far, now);
}

void Status::show(const std::string& line, double now) {
  const std::string time = ", " + clock_text(now);
  if (medium_.terminal) {
    // A line that is wrapped could not be wiped out.
    const std::size_t room = static_cast<std::size_t>(std::max(medium_.width - 1, 20)) - time.size();
    fmt::print(medium_.file, "\r\033[K{}{}", line.substr(0, room), time);
    std::fflush(medium_.file);
    on_line_ = true;
    next_ = now + kTerminalPause;
  } else {
    fmt::print(medium_.file, "etamax: {}{}\n", line, time);
    std::fflush(medium_.file);
    next_ = now + kFilePause;
  }
}

void Status::clear() {
  if (!std::exchange(on_line_, false)) return;
  fmt::print(medium_.file, "\r\033[K");
  std::fflush(medium_.file);
}

Progress progress_of(Status& status) {
  return [&status](const WorkDone& done) {
    status.progress(done);
    return !interrupted();
  };
}

}  // namespace etamax::apps
