#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace etamax::apps {

/// Says on a terminal what goes on. Wiped out before anything else is printed.
class Status {
 public:
  explicit Status(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO)) {}
  ~Status() { clear(); }
  void stage(const std::string& what) {
    clear();
    if (shown_) fmt::print(stderr, "{} ...", what);
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool shown_;
};

}  // namespace etamax::apps
