#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace etamax::testing {

/// Adds every number of a document.
inline void collect(const nlohmann::json& json, std::vector<double>& numbers) {
  if (json.is_number()) numbers.push_back(json.get<double>());
  if (json.is_structured())
    for (const nlohmann::json& part : json) collect(part, numbers);
}

/// In one line, with single spaces.
inline std::string flat(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }

}  // namespace etamax::testing
