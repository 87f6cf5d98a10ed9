#pragma once

#include <functional>
#include <string>
#include <utility>

#include "etamax/core/error.h"

namespace etamax {

/// How far a piece of work is. It is a number where only that is of interest.
struct WorkDone {
  WorkDone(double share) : part(share) {}  // NOLINT: a number says how far
  WorkDone(double share, std::function<std::string()> words) : part(share), in_words(std::move(words)) {}
  operator double() const { return part; }  // NOLINT

  double part = 0;                        ///< 0 to 1
  std::function<std::string()> in_words;  ///< "9 products", for whoever asks during the call; may be empty
};

/// Called now and then by anything that takes long, with what is done. Returning false asks to stop: the callee then
/// throws Interrupted. An empty function means nobody listens.
using Progress = std::function<bool(const WorkDone& done)>;

inline void report_progress(const Progress& progress, double part) {
  if (progress && !progress(part)) throw Interrupted();
}

/// The same, with words that are made only when somebody wants to read them.
template <typename Words>
void report_progress(const Progress& progress, double part, Words words) {
  if (progress && !progress({part, words})) throw Interrupted();
}

}  // namespace etamax
