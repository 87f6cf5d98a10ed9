#pragma once

#include <string>
#include <vector>

#include "etamax/answers/analysis.h"
#include "etamax/report/detail_facts.h"

/// What the text, the page and the pictures of an analysis have in common.
namespace etamax {

/// "mlp:64-256-256-10:tanh (84,874 parameters) on digits (1,797 examples), cross_entropy, with sgd (...)."
std::string setting_sentence(const Analysis& analysis);
/// The curvature, the three learning rates, the layers, inputs and examples; in this order.
std::vector<Fact> evidence(const Analysis& analysis);
/// "lr 0.656 converges."
std::string run_title(const RunRecord& run);
/// "41.3%".
std::string share_percent(double share);

}  // namespace etamax
