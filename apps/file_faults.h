#pragma once

#include <string>

#include "etamax/files/file_fault.h"

namespace etamax::apps {

/// What became of the files besides the answer. One that cannot be written costs neither the work nor the answer: it is
/// said once, and makes the exit status.
class FileFaults {
 public:
  /// `then` follows what is said: "; the work goes on". This must outlive it.
  FileFault listener(std::string then = "");
  /// The exit status of an answer that was delivered with another one.
  int status_of(int delivered) const { return status_ != 0 ? status_ : delivered; }

 private:
  int status_ = 0;
  std::string said_;
};

}  // namespace etamax::apps
