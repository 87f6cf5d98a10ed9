#include "etamax/answers/detail_json.h"

#include <cstdio>

namespace etamax::detail {

std::string text_of(const Json& json) {
  const std::string dumped = json.dump(2, ' ', false, Json::error_handler_t::replace);
  std::string text;
  text.reserve(dumped.size() + 1);
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(dumped[at]); };
  for (std::size_t at = 0; at < dumped.size(); ++at) {
    const bool c1 = byte(at) == 0xC2 && byte(at + 1) < 0xA0;
    if (!c1 && byte(at) != 0x7F) {
      text += dumped[at];
      continue;
    }
    if (c1) ++at;
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", byte(at));
    text += escaped;
  }
  return text + "\n";
}

}  // namespace etamax::detail
