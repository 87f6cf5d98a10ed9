#pragma once

#include <string>
#include <string_view>

namespace etamax::testing {

/// What must hold of any bytes as a configuration file of `etamax explain`: the options hold what it says, and read
/// that again from their own text; or an InputError. "" if that holds, else what does not.
std::string config_fault(std::string_view bytes);

/// The same of any bytes as its command line, an argument in each line.
std::string arguments_fault(std::string_view bytes);

}  // namespace etamax::testing
