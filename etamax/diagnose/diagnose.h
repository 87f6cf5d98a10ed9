#pragma once

#include "etamax/answers/diagnosis.h"
#include "etamax/diagnose/options.h"
#include "etamax/diagnose/source.h"

namespace etamax {

/// Reads the log to its end in bounded memory, and says what happened. Throws InputError where an option is
/// wrong, the log is empty or no log, has fewer than two records, or no column to diagnose (the message lists
/// those that it has). Interrupted, it answers from what it has read by then, marked partial, and throws
/// Interrupted where that is too little.
Diagnosis diagnose(ByteSource& log, const DiagnoseOptions& options);

}  // namespace etamax
