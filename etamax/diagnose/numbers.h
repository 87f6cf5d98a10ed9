#pragma once

#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/findings.h"

namespace etamax {

/// From the growth of the losses and the rates in force: `growth_per_step`, `multiplier`, `curvature`,
/// `lr_edge` and `lr_suggested`, each with its interval, or why there is none. `answer.verdict` is decided,
/// `answer.lr` the rate at the onset.
void infer_numbers(const Findings& findings, const DiagnoseOptions& options, Diagnosis& answer);

}  // namespace etamax
