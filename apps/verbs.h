#pragma once

#include <CLI/CLI.hpp>

/// One function per verb: adds it to the program, with its options where it is the one that is called (those
/// of the others would only cost time). Each runs from the sub-command's callback and leaves its exit status
/// in `status`.
namespace etamax::apps {

void add_explain(CLI::App& program, bool called, int& status);
void add_diagnose(CLI::App& program, bool called, int& status);

/// True after Ctrl-C.
bool interrupted();

}  // namespace etamax::apps
