#include "arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "etamax/core/error.h"
#include "etamax/core/suggest.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

/// What no option is called, and what to write in its place.
const std::map<std::string, const char*> kHints = {
    {"--epochs", "training is counted in steps, not epochs; write --steps"},
    {"--gpu", "write --device cuda"},
    {"--cuda", "write --device cuda"},
    {"--betas", "write --beta1 and --beta2"},
    {"--verbose", "write --json for all that is known"},
};

bool is_option(const std::string& argument) { return argument.size() > 2 && argument.compare(0, 2, "--") == 0; }

std::string near(const std::string& word, const Arguments& known) {
  const std::string found = closest(word, known);
  return found.empty() ? "" : "; did you mean " + found + "?";
}

Arguments all_commands() {
  Arguments names;
  for (const VerbSpec& spec : kVerbs) names.emplace_back(spec.name);
  return names;
}

bool contains(const Arguments& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Refuses a verb that is none.
void check_verb(const std::string& verb) {
  const Arguments verbs = all_commands();
  if (!contains(verbs, verb)) throw InputError(fmt::format("unknown command '{}'{}", verb, near(verb, verbs)));
}

/// Refuses the option for a file where the file was forgotten, and what follows was taken for it.
void check_config(const Arguments& arguments) {
  const Arguments verbs = all_commands();
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    const std::string& file = arguments[i + 1];
    std::error_code error;
    if (arguments[i] == "--config" && contains(verbs, file) && !std::filesystem::exists(file, error))
      throw InputError(
          fmt::format("--config: '{}' is a command, and there is no such file; write --config FILE", file));
  }
}

}  // namespace

std::string verb_of(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--config")
      ++i;  // its value
    else if (arguments[i][0] != '-')
      return arguments[i];
  }
  return "";
}

Arguments with_usual_words(Arguments arguments) {
  if (arguments.empty()) return arguments;
  if (arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  } else if (arguments.size() == 1 && (arguments.front() == "-V" || arguments.front() == "-v")) {
    arguments.front() = "--version";
  }
  return arguments;
}

Arguments as_spelled(const Arguments& arguments, const std::string& verb, const Fields& fields,
                     const Spelling& spelling) {
  check_config(arguments);
  if (verb.empty()) return arguments;
  check_verb(verb);
  Arguments known = {"--help", "--version", "--config"};
  std::map<std::string, const Field*> options;
  for (const Field& field : fields)
    if (!field.more.positional) {
      known.push_back(spelling.of(field.name));
      options[known.back()] = &field;
    }
  // Not of an option with its value behind an equals sign.
  const auto takes_value = [&](const std::string& option) {
    const auto found = options.find(option);
    return option == "--config" || (found != options.end() && !found->second->is_switch());
  };
  Arguments result;
  const Field* list = nullptr;  // whose values may follow
  for (const std::string& argument : arguments) {
    if (!is_option(argument)) {
      if (list != nullptr && list->could_hold(argument)) {
        const bool first = is_option(result.back()) && result.back().find('=') == std::string::npos;
        if (first)
          result.push_back(argument);
        else
          result.back() += "," + argument;
      } else {
        list = nullptr;
        result.push_back(argument);
      }
      continue;
    }
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string given = argument.substr(0, equals), name = spelling.own_name(given);
    if (!contains(known, name)) {
      const auto hint = kHints.find(name);
      throw InputError(fmt::format("{}: unknown option {}{}", verb, given,
                                   hint != kHints.end() ? std::string("; ") + hint->second : near(name, known)));
    }
    if (equals + 1 == argument.size()) throw InputError(name + ": needs a value");
    if (!result.empty() && takes_value(result.back())) throw InputError(result.back() + ": needs a value");
    result.push_back(name + argument.substr(equals));
    const auto option = options.find(name);
    list = option != options.end() ? option->second : nullptr;
  }
  return result;
}

}  // namespace etamax::apps
