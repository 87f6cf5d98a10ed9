#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "etamax/core/progress.h"
#include "etamax/core/stopwatch.h"
#include "messages.h"

namespace etamax::apps {

/// Says what goes on, how far it is and since when: `curvature: 9 products, ..., 0:24`. On a terminal one line that is
/// written anew, elsewhere a line every half minute; nothing of what is done at once.
class Status {
 public:
  struct Medium {
    std::function<void(std::string_view)> write = put_status;
    bool terminal = false;
    int width = 80;
    std::function<double()> seconds;  ///< since the work began
  };
  /// On the standard error stream.
  explicit Status(bool quiet);
  /// `shown` false: says nothing.
  Status(bool shown, Medium medium);
  ~Status() { clear(); }
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;

  /// What is done from now on: "curvature".
  void stage(const std::string& what);
  void progress(const WorkDone& done);
  /// Wipes the line out, before anything else is printed.
  void clear();

 private:
  void show(const std::string& line, double now);

  bool shown_;
  Medium medium_;
  std::string stage_;
  double next_;  ///< when something is said again
  bool on_line_ = false;
};

/// Shows how far the work is, and asks it to stop after Ctrl-C.
Progress progress_of(Status& status);

}  // namespace etamax::apps
