#pragma once

#include "etamax/answers/explanation.h"
#include "etamax/explain/options.h"

namespace etamax {

/// Why these learning rates converge or diverge on this function. Throws InputError. Where `follow.progress`
/// asks to stop, the answer is what is known by then, marked partial.
Explanation explain(const ExplainOptions& options);

}  // namespace etamax
