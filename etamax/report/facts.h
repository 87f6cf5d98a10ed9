#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/results.h"

/// The sentences and facts of an answer that its text and its HTML share.
namespace etamax {

/// "From x = -1, with the optimizer sgd (momentum = 0.9)."
std::string setting_sentence(const Explanation& explanation);
/// What the numbers that others printed really are, or nothing.
std::string observed_remark(const Explanation& explanation);
/// What one step multiplies the distance to the minimum by, for the runs where that is one number.
std::vector<std::string> multiplier_sentences(const Explanation& explanation);

struct Fact {
  std::string name;
  std::optional<double> value;
  std::string basis;  ///< how it is known, or why there is none
};
std::vector<Fact> stability_facts(const Stability& stability);

/// "sgd (momentum = 0.9, nesterov off)".
std::string optimizer_words(const std::string& name, const std::vector<Setting>& hyperparameters);

std::string cost_sentence(const Cost& cost);

}  // namespace etamax
