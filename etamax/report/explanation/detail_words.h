#pragma once

#include <string>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/report/detail_facts.h"

/// What the text and the page of an explanation both say.
namespace etamax {

/// "x = -1, y = 2", the first ones of many; "" where there is no start.
std::string start_words(const Explanation& explanation);
/// "From x = -1, with the optimizer sgd (momentum = 0.9)."
std::string setting_sentence(const Explanation& explanation);
/// What the numbers that others printed really are, or nothing.
std::string observed_remark(const Explanation& explanation);
/// What one step multiplies the distance to the minimum by, for the runs where that is one number.
std::vector<std::string> multiplier_sentences(const Explanation& explanation);
/// The slope at the start, and where the first step of each run leads, of functions of one variable; else nothing.
std::string first_step_sentence(const Explanation& explanation);
std::vector<Fact> stability_facts(const Stability& stability);

}  // namespace etamax
