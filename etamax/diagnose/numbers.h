#pragma once

#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/findings.h"

namespace etamax {

/// From the growth of the losses and the rates in force: `growth_per_step`, `multiplier`, `curvature`,
/// `lr_edge` and `lr_suggested`, each with its interval, or why there is none. `answer.verdict` is decided,
/// `answer.lr` the rate at the onset.
void infer_numbers(const Findings& findings, const DiagnoseOptions& options, Diagnosis& answer);

/// The edge over the rate in use, at most, by the growth alone: near a minimum the loss above it grows by the square of
/// the multiplier, so that the loss itself, which is not negative, grows by no more. Only for optimizers whose steps a
/// recurrence describes, and logs that count steps. Wrong where the rate was not what made it grow.
std::optional<double> edge_share_bound(const Findings& findings, const OptimizerSpec& optimizer,
                                       const HyperparameterValues& values);

}  // namespace etamax
