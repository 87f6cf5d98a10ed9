#pragma once

#include <array>
#include <string>
#include <vector>

#include "etamax/diagnose/cause.h"
#include "etamax/diagnose/findings.h"

namespace etamax {

/// One piece of evidence: something that a log shows or does not.
struct EvidenceSpec {
  const char* name;
  /// How much it speaks for each of known_causes(), in natural logarithms of odds.
  std::array<double, kCauses> weights;
  /// How far the log shows it, 0 to 1.
  double (*shown)(const Findings&);
  /// The same for people, where it is shown; empty: not worth a sentence. It states what is in the log, and not what
  /// it means.
  std::string (*sentence)(const Findings&);
};

/// All pieces of evidence. The weights are fitted, by tests/diagnose/fit.py, which writes them there.
const std::vector<EvidenceSpec>& evidence_table();

/// Its parts, one file each: how the losses go and end; the last rise and the break; what stands beside the losses.
std::vector<EvidenceSpec> course_evidence();
std::vector<EvidenceSpec> rise_evidence();
std::vector<EvidenceSpec> other_columns_evidence();

}  // namespace etamax
