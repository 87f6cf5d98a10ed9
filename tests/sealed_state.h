#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "etamax/files/bytes.h"

namespace etamax::testing {

/// A state file of etamax tune that holds `json`, with the checksum that belongs to it.
inline std::string sealed_state(nlohmann::ordered_json json) {
  json.erase("checksum");
  std::string text = json.dump(1);
  text.resize(text.size() - 2);  // the last brace
  return fmt::format("{},\n \"checksum\": \"{:08x}\"\n}}\n", text, crc32_of(text));
}

}  // namespace etamax::testing
