#pragma once

#include <string>

namespace etamax {

/// Text for XML and HTML: markup characters become entities; bytes that are no UTF-8, and control characters,
/// which no document may hold, become U+FFFD.
std::string escaped(const std::string& text);

}  // namespace etamax
