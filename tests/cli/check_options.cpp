#include "check_options.h"

#include <sstream>

#include "../made_folder.h"
#include "arguments.h"
#include "config.h"
#include "etamax/core/error.h"
#include "etamax/explain/options.h"
#include "etamax/optim/options.h"

namespace etamax::testing {
namespace {

using apps::Arguments;

struct Options {
  ExplainOptions explain;
  OptimizersOptions optimizers;
  Fields all() { return fields(explain) + fields(optimizers); }
};

/// What the options hold is what their texts say.
std::string held_fault(const Fields& held) {
  Options again;
  const Fields read = again.all();
  for (std::size_t i = 0; i < held.size(); ++i) {
    const std::string text = held[i].value_text();
    if (text.empty()) continue;
    read[i].read({text});
    if (read[i].value_text() != text)
      return held[i].name + " holds " + text + ", which is read as " + read[i].value_text();
  }
  return "";
}

template <typename Read>
std::string fault_of(Read read) {
  Options options;
  const Fields all = options.all();
  try {
    read(all);
  } catch (const InputError& e) {
    return e.what()[0] == '\0' ? "a refusal without words" : "";
  } catch (const std::exception& e) {
    return std::string("not an InputError: ") + e.what();
  }
  try {
    return held_fault(all);
  } catch (const std::exception& e) {
    return std::string("what was read is refused: ") + e.what();
  }
}

void read_arguments(const Fields& all, std::string_view bytes) {
  std::istringstream lines{std::string(bytes)};
  Arguments given;
  for (std::string line; std::getline(lines, line);) given.push_back(line.substr(0, line.find('\0')));
  const Arguments usual = apps::with_usual_words(given);
  const std::string verb = apps::verb_of(usual);
  const apps::Spelling spelling(all);
  const Arguments spelled = apps::as_spelled(usual, verb, all, spelling);
  for (std::size_t i = 0; i + 1 < spelled.size(); ++i)
    for (const Field& field : all)
      if (spelling.of(field.name) == spelled[i] && !field.is_switch()) field.read({spelled[i + 1]});
}

}  // namespace

std::string config_fault(std::string_view bytes) {
  static const MadeFolder folder;
  const std::string path = folder.write("config.toml", bytes);
  return fault_of([&](const Fields& all) { apps::read_config(path, "explain", all); });
}

std::string arguments_fault(std::string_view bytes) {
  return fault_of([&](const Fields& all) { read_arguments(all, bytes); });
}

}  // namespace etamax::testing
