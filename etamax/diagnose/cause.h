#pragma once

#include <array>
#include <string>

#include "etamax/answers/diagnosis.h"

namespace etamax {

/// An explanation of what became of a run.
struct CauseSpec {
  std::string name;     ///< "bad_batch"
  std::string heading;  ///< to follow "Most likely": "one bad batch of data"
  LogVerdict verdict = LogVerdict::unclear;
  std::string next;  ///< what to do about it, a sentence or two
};

constexpr std::size_t kCauses = 8;

/// All explanations. A row of weights in evidence_*.cpp has one for each, in this order.
const std::array<CauseSpec, kCauses>& known_causes();

}  // namespace etamax
