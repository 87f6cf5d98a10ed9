#pragma once

#include "etamax/answers/diagnosis.h"
#include "etamax/answers/verdict.h"
#include "etamax/draw/drawing.h"

namespace etamax {

/// How the outcome of a run looks in every report.
Appearance appearance(Verdict verdict);
/// That of the outcome of a run that it resembles most.
Appearance appearance(LogVerdict verdict);

}  // namespace etamax
