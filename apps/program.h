#pragma once

#include <map>
#include <string>

#include "etamax/core/error.h"
#include "verbs.h"

namespace etamax::apps {

/// The program with all commands, of which it can run these: reads the command line, runs the command, says what was
/// wrong. `libraries`: what the version says of those that it stands on. Returns the exit status.
int run_program(int argc, char** argv, const std::map<std::string, MakeVerb>& verbs, std::string (*libraries)());

}  // namespace etamax::apps
