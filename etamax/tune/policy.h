#pragma once

#include <variant>

#include "etamax/answers/tuning.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/prior.h"
#include "etamax/tune/terms.h"

namespace etamax {

/// What a tuning does next, by what is known so far: a request, or its answer. A pure function of numbers, without
/// tensors, clock or files: the same terms and ledger give the same decision, so that it can be replayed on recorded
/// curves, driven from another language, and tested on made-up landscapes. docs/tune.md tells how it decides.
///
/// Of the answer it fills in what is decided: rates, warmup, bracket, valley, expected loss, trials, budget. Throws
/// InputError where the budget is too small for an answer, or a result in the ledger costs more than its run can.
std::variant<TuningRequest, Tuning> decide(const TuningTerms& terms, const Ledger& ledger,
                                           const Prior& prior = Prior::learned());

/// The answer as far as the ledger goes, marked partial where something would still be asked for.
Tuning decide_now(const TuningTerms& terms, const Ledger& ledger, const Prior& prior = Prior::learned());

/// Which rate a half octave's number is: 2^(number / 2).
double rate_of(int half_octave);

}  // namespace etamax
