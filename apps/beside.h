#pragma once

#include <string>

namespace etamax::apps {

/// The path of the program `name` in the folder of the running one, which is found by the system's link to it or, where
/// there is none, as the shell found it: by its path, `called` (argv[0]), or in PATH.
std::string program_beside(const std::string& name, const std::string& called, const char* link = "/proc/self/exe");

}  // namespace etamax::apps
