#include "config.h"

#include <fmt/format.h>

#include <algorithm>

// toml++ asserts, or in a release assumes, that a key begins as one should, and then looks and says where it does not.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include "config_text.h"
#include "etamax/core/error.h"
#include "etamax/core/suggest.h"
#include "spelling.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

[[noreturn]] void refuse(const toml::node& node, const std::string& why) {
  throw InputError("config", fmt::format("line {}: {}", node.source().begin.line, why));
}

/// A value as the command line would give it.
std::string as_text(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  refuse(node, fmt::format("'{}' must be a string, number, boolean, or an array of these", key));
}

void check_type(const std::string& key, const toml::node& node, const Field& field) {
  if (field.is_switch() != node.is_boolean())
    refuse(node, fmt::format("'{}' {} true or false", key, field.is_switch() ? "must be" : "takes a value, not"));
}

struct Key {
  const Field* field = nullptr;
  bool inverted = false;  ///< no_culprits = true
};

Key find_own(const Fields& fields, std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  for (const Field& field : fields) {
    if (name == field.name || (!field.more.option.empty() && name == field.more.option)) return {&field, false};
    if (field.is_switch() && name == "no_" + field.name) return {&field, true};
  }
  return {};
}

/// By the name of the option or field, or one that the command line takes for it.
Key find(const Fields& fields, const std::string& name) {
  const Key own = find_own(fields, name);
  return own.field != nullptr ? own : find_own(fields, Spelling(fields).own_name("--" + name).substr(2));
}

void read(const std::string& key, const toml::node& node, const Fields& fields) {
  const auto [field, inverted] = find(fields, key);
  if (field == nullptr) {
    std::vector<std::string> known;
    for (const Field& f : fields) known.push_back(f.more.option.empty() ? f.name : f.more.option);
    const std::string near = closest(key, known);
    refuse(node, fmt::format("unknown option '{}'{}", key, near.empty() ? "" : "; did you mean " + near + "?"));
  }
  std::vector<std::string> texts;
  if (const auto* list = node.as_array()) {
    if (!field->is_list()) refuse(node, fmt::format("'{}' takes one value, not an array", key));
    for (const toml::node& element : *list) {
      check_type(key, element, *field);
      texts.push_back(as_text(key, element));
    }
  } else {
    texts.push_back(as_text(key, node));
    check_type(key, node, *field);
  }
  if (inverted) texts.front() = texts.front() == "true" ? "false" : "true";
  try {
    field->read(texts);
  } catch (const InputError& e) {
    refuse(node, e.what());
  }
}

/// Refuses a table that is no command's: what stands in it would be passed over.
void check_table(const std::string& name, const toml::node& node) {
  std::vector<std::string> commands;
  for (const VerbSpec& spec : kVerbs) commands.emplace_back(spec.name);
  if (std::find(commands.begin(), commands.end(), name) != commands.end()) return;
  const std::string near = closest(name, commands);
  refuse(node, fmt::format("there is no command '{}' to have a table{}", name,
                           near.empty() ? "" : "; did you mean " + near + "?"));
}

}  // namespace

std::vector<std::string> read_config(const std::string& path, const std::string& command, const Fields& fields) {
  toml::table file;
  try {
    file = toml::parse(read_config_text(path));
  } catch (const toml::parse_error& e) {
    throw InputError("config", fmt::format("line {}, column {}: {}", e.source().begin.line, e.source().begin.column,
                                           std::string(e.description())));
  }
  std::vector<std::string> found;
  const auto read_option = [&](const toml::key& key, const toml::node& node) {
    const std::string name(key.str());
    read(name, node, fields);
    found.push_back(find(fields, name).field->name);
  };
  for (const auto& [key, node] : file)
    if (node.is_table())
      check_table(std::string(key.str()), node);
    else
      read_option(key, node);
  if (const auto* own = file[command].as_table())
    for (const auto& [key, node] : *own) read_option(key, node);
  return found;
}

}  // namespace etamax::apps
