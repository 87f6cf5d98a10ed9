#pragma once

#include <string>
#include <vector>

#include "etamax/answers/comparison.h"
#include "etamax/explain/options.h"

namespace etamax {

/// What `explain` answers for each of these optimizers, beside each other. Theirs take the place of
/// `options.optimizer`, and each of `options.settings` goes to those that have it. Throws InputError, among others for
/// an optimizer that is unknown or named twice and for a setting that none of them has, before any work is done. Where
/// `follow.progress` asks to stop, the answer is what is known by then, marked partial.
Comparison compare(const ExplainOptions& options, const std::vector<std::string>& optimizers);

}  // namespace etamax
