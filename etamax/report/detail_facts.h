#pragma once

#include <string>
#include <vector>

#include "etamax/core/cost.h"
#include "etamax/core/setting.h"
#include "etamax/draw/terminal.h"

/// The sentences and facts that the reports of all answers share.
namespace etamax {

/// What is known under a name, and how.
struct Fact {
  std::string name;   ///< empty: one more value of the fact before
  std::string value;  ///< empty: there is none
  std::string basis;  ///< how it is known, or why there is none
};
/// For a terminal: each name, and at a column its value with the basis.
std::string facts_text(const std::vector<Fact>& facts, int column, const TerminalStyle& style);
/// For a page, as a list.
std::string facts_html(const std::vector<Fact>& facts);

/// "sgd (momentum = 0.9, nesterov off)".
std::string optimizer_words(const std::string& name, const std::vector<Setting>& hyperparameters);

/// Behind a loss that was guessed, why it was and what changes it; "" where `basis` is.
std::string guess_words(const std::string& basis);

std::string cost_sentence(const Cost& cost);
/// "0.21 seconds and 34 MiB of memory at most"; of the seconds alone where the memory is not known.
std::string seconds_and_memory(const Cost& cost);

constexpr const char* kInterrupted = "Interrupted: this is what was known by then.\n";

/// The style with a width that a report can be read at.
TerminalStyle readable(TerminalStyle style);

}  // namespace etamax
