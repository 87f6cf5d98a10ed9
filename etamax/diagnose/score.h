#pragma once

#include <vector>

#include "etamax/answers/diagnosis.h"
#include "etamax/diagnose/findings.h"

namespace etamax {

/// Weighs every explanation by the evidence table, the likeliest first: a logistic model whose scores are
/// probabilities. They add up to 1, and none claims certainty: kDoubt of the whole is shared out evenly, and more of it
/// where there are fewer than kFewRecords finite records, or none: what happened is then not in the log.
std::vector<WeighedCause> weigh_causes(const Findings& findings);

/// What the evidence table shows in this log, by name.
std::vector<ShownEvidence> shown_evidence(const Findings& findings);

constexpr double kDoubt = 0.02, kDoubtOfFew = 0.2, kDoubtOfNone = 0.45;
constexpr std::size_t kFewRecords = 10;

}  // namespace etamax
