#pragma once

#include <functional>

#include "etamax/core/error.h"

namespace etamax {

/// Called now and then by anything that takes long, with the part that is done (0 to 1). Returning false asks
/// to stop: the callee then throws Interrupted. An empty function means nobody listens.
using Progress = std::function<bool(double done)>;

inline void report_progress(const Progress& progress, double done) {
  if (progress && !progress(done)) throw Interrupted();
}

}  // namespace etamax
