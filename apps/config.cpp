#include "config.h"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "etamax/core/error.h"

namespace etamax::apps {
namespace {

/// A value as the command line would give it.
std::string as_text(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw InputError(fmt::format("--config: line {}: '{}' is neither a text, a number, a truth value nor a list of them",
                               node.source().begin.line, key));
}

}  // namespace

std::vector<CLI::ConfigItem> TomlConfig::from_config(std::istream& input) const {
  toml::table file;
  try {
    file = toml::parse(input);
  } catch (const toml::parse_error& e) {
    throw InputError(fmt::format("--config: line {}, column {}: {}", e.source().begin.line, e.source().begin.column,
                                 std::string(e.description())));
  }
  std::vector<CLI::ConfigItem> found;
  const auto add = [&](const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (node.is_table()) continue;
      CLI::ConfigItem item;
      item.parents = {verb_};
      item.name = std::string(key.str());
      if (const auto* list = node.as_array())
        for (const auto& element : *list) item.inputs.push_back(as_text(item.name, element));
      else
        item.inputs.push_back(as_text(item.name, node));
      found.push_back(std::move(item));
    }
  };
  if (const auto* own = file[verb_].as_table()) add(*own);
  add(file);
  return found;
}

}  // namespace etamax::apps
