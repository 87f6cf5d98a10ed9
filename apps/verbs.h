#pragma once

#include <CLI/CLI.hpp>

/// One function per verb: adds its options to the program. Each runs from the sub-command's callback and
/// leaves its exit status in `status`.
namespace etamax::apps {

void add_explain(CLI::App& program, int& status);
void add_diagnose(CLI::App& program, int& status);

/// True after Ctrl-C.
bool interrupted();

}  // namespace etamax::apps
