#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etamax/answers/input_share.h"
#include "etamax/answers/map.h"
#include "etamax/core/cost.h"
#include "etamax/core/setting.h"
#include "etamax/core/version.h"

/// What the JSON documents of all verbs share.
namespace etamax::detail {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinity: they become null.
inline Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

inline Json numbers(const std::vector<double>& values) {
  Json array = Json::array();
  for (double value : values) array.push_back(number(value));
  return array;
}

template <typename T, typename Convert>
Json maybe(const std::optional<T>& value, Convert convert) {
  return value ? Json(convert(*value)) : Json(nullptr);
}

inline Json maybe(const std::optional<double>& value) { return maybe(value, number); }

/// A field that may not exist, with its reason beside it where it does not.
inline void put(Json& json, const std::string& name, Json value, const std::string& reason) {
  const bool missing = value.is_null();
  json[name] = std::move(value);
  if (missing) json[name + "_reason"] = reason;
}

/// The document as text. Names of layers, files and columns need not be UTF-8, which JSON is: what is not becomes
/// U+FFFD. Control characters are escaped, also those that JSON allows, for the text may be shown on a terminal.
std::string text_of(const Json& json);

/// What every document begins with.
inline Json document(const std::string& verb, bool partial) {
  Json json = {{"etamax", ETAMAX_VERSION}, {"verb", verb}};
  if (partial) json["partial"] = true;
  return json;
}

inline Json optimizer_json(const std::string& name, const std::vector<Setting>& hyperparameters) {
  Json json = {{"name", name}};
  for (const Setting& setting : hyperparameters) {
    if (setting.is_flag)
      json[setting.name] = setting.value != 0;
    else
      json[setting.name] = number(setting.value);
  }
  return json;
}

inline Json axis_json(const MapAxis& axis) {
  return {{"name", axis.name}, {"from", axis.from}, {"to", axis.to}, {"log", axis.log}, {"pixels", axis.pixels}};
}

inline Json inputs_json(const std::vector<InputShare>& inputs) {
  Json array = Json::array();
  for (const InputShare& input : inputs) array.push_back({{"name", input.name}, {"share", number(input.share)}});
  return array;
}

inline Json cost_json(const Cost& cost) {
  return {{"gradients", cost.gradients},
          {"hvps", cost.hvps},
          {"forwards", cost.forwards},
          {"seconds", number(cost.seconds)},
          {"peak_rss_bytes", maybe(cost.peak_rss_bytes, [](long bytes) { return bytes; })}};
}

}  // namespace etamax::detail
