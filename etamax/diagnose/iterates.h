#pragma once

#include "etamax/answers/diagnosis.h"
#include "etamax/diagnose/diagnose.h"

namespace etamax {

/// Judges a series of iterates of one parameter, one per step, by the ratio of successive differences, which
/// on a parabola is the multiplier of the optimizer's recurrence whatever the minimum is. Fills the verdict,
/// the sentences and the numbers of `answer`, whose `loss` holds the iterates and `lr` the rate that they are
/// said to be from. With `options.expression`, says which rate they are really from.
void judge_iterates(const DiagnoseOptions& options, Diagnosis& answer);

}  // namespace etamax
