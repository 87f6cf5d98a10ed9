#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace etamax::apps {

/// Adds a verb to the program, with its options where it is the one that is called (those of the others would
/// only cost time). The verb runs from its sub-command's callback and leaves its exit status in `status`.
using AddVerb = void (*)(CLI::App& program, const std::string& called, int& status);

/// The program with these verbs: reads the command line, runs the verb, says what was wrong. Returns the exit
/// status.
int run_program(int argc, char** argv, const std::vector<AddVerb>& verbs);

/// The verb is the first argument that is no option; "" where there is none.
std::string verb_of(const std::vector<std::string>& arguments);

}  // namespace etamax::apps
