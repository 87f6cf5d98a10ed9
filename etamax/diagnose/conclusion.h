#pragma once

#include "etamax/answers/diagnosis.h"
#include "etamax/diagnose/findings.h"
#include "etamax/diagnose/options.h"

namespace etamax {

/// The probability that a verdict needs to be given. The learning rate is what is asked about, and quickly tried: it
/// need only be likelier than all else together. To be sent after another cause in vain costs days.
double least_score(LogVerdict verdict);

/// From `causes`: the verdict, its score and its cause. With less than its least score, or with nothing that speaks for
/// it, the verdict is `unclear`.
void choose_verdict(Diagnosis& answer);

/// From all that is known by then: the sentences `reason` and `next`, and the evidence.
void put_into_words(const Findings& findings, const DiagnoseOptions& options, Diagnosis& answer);

}  // namespace etamax
