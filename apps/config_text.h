#pragma once

#include <cstddef>
#include <string>

namespace etamax::apps {

/// What a configuration file may hold, for its parser takes memory and stack as the file asks for them.
struct ConfigLimits {
  static constexpr std::size_t bytes = 65536;
  static constexpr int nesting = 8;  ///< brackets in brackets, or parts of a dotted name
};

/// A configuration file, within the limits. Throws InputError, Interrupted.
std::string read_config_text(const std::string& path);

}  // namespace etamax::apps
