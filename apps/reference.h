#pragma once

#include <string>
#include <vector>

#include "etamax/core/fields.h"
#include "verbs.h"

/// What is made of the tables of options for other programs than this one: shells, and man.
namespace etamax::apps {

/// A command with its options, which hold their defaults. Of a command that this build lacks there are no options.
struct Command {
  VerbSpec spec;
  Fields fields;
};

/// Scripts that complete commands, options and the values that are known.
std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

/// etamax(1), in the macros of man.
std::string manual(const std::vector<Command>& commands);

}  // namespace etamax::apps
