#include "status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "etamax/core/format.h"
#include "etamax/core/utf8.h"
#include "signals.h"

namespace etamax::apps {
namespace {

constexpr double kAtOnce = 0.5, kTerminalPause = 0.2, kFilePause = 30;  // seconds

Status::Medium standard_error() {
  Status::Medium medium;
  const Terminal terminal = terminal_of(STDERR_FILENO);
  medium.terminal = terminal.there;
  if (terminal.width > 0) medium.width = terminal.width;
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
    medium_.write(fmt::format("{}{}{}", kWipe, utf8_prefix(one_line(line), room), time));
    on_line_ = true;
    next_ = now + kTerminalPause;
  } else {
    medium_.write(fmt::format("etamax: {}{}\n", one_line(line), time));
    next_ = now + kFilePause;
  }
}

void Status::clear() {
  if (!std::exchange(on_line_, false)) return;
  medium_.write(kWipe);
}

Progress progress_of(Status& status) {
  return [&status](const WorkDone& done) {
    status.progress(done);
    return !interrupted();
  };
}

}  // namespace etamax::apps
