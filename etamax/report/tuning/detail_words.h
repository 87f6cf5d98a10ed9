#pragma once

#include <array>
#include <string>
#include <vector>

#include "etamax/answers/tuning.h"

/// What the text and the page of a tuning both say.
namespace etamax {

/// "mlp (85,002 parameters) on digits, cross_entropy, with sgd: ...".
std::string setting_sentence(const Tuning& tuning);

/// The rate, the seed, the steps, the warmup, the loss, the outcome and the purpose of a trial.
using TrialRow = std::array<std::string, 7>;
/// The names of the columns, then the trials by rate.
std::vector<TrialRow> trial_rows(const Tuning& tuning);

}  // namespace etamax
