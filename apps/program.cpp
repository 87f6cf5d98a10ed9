#include "program.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "config.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/version.h"
#include "verbs.h"

namespace {

using Arguments = std::vector<std::string>;

volatile std::sig_atomic_t stop = 0;

extern "C" void on_interrupt(int) { stop = 1; }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool is_option(const std::string& argument) { return argument.size() > 2 && argument.compare(0, 2, "--") == 0; }

/// Refuses unknown verbs and options with a "did you mean", which CLI11 has none of.
void check_names(const CLI::App& program, const Arguments& arguments, const std::string& verb) {
  Arguments verbs;
  for (const CLI::App* app : program.get_subcommands(nullptr)) verbs.push_back(app->get_name());
  const auto suggest = [](const std::string& word, const Arguments& known) {
    const std::string near = etamax::closest(word, known);
    return near.empty() ? "" : "; did you mean " + near + "?";
  };
  if (verb.empty()) return;
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end())
    throw etamax::InputError(fmt::format("there is no verb '{}'{}", verb, suggest(verb, verbs)));
  Arguments known = {"--help", "--version", "--config"};
  for (const CLI::Option* option : program.get_subcommand(verb)->get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (is_option(argument) && std::find(known.begin(), known.end(), name) == known.end())
      throw etamax::InputError(fmt::format("{}: there is no option {}{}", verb, name, suggest(name, known)));
  }
}

int run(Arguments arguments, const std::vector<etamax::apps::AddVerb>& verbs) {
  CLI::App program(
      "Why do the weight updates diverge, what is the largest learning rate that does not, and which one should I use?");
  program.name("etamax");
  program.set_version_flag("--version", "etamax " ETAMAX_VERSION);
  program.fallthrough();
  program.require_subcommand(0, 1);
  const std::string verb = etamax::apps::verb_of(arguments);
  program.config_formatter(std::make_shared<etamax::apps::TomlConfig>(verb));
  program.set_config("--config", "", "Read options from a TOML file; the command line wins");
  program.allow_config_extras(CLI::config_extras_mode::error);
  int status = 0;
  for (const etamax::apps::AddVerb add : verbs) add(program, verb, status);
  check_names(program, arguments, verb);
  // There are no short options but -h: a single hyphen begins an expression (-x^2) or a number, which CLI11
  // takes for what it is behind a space.
  for (std::string& argument : arguments)
    if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-' && argument != "-h") argument.insert(0, " ");
  std::reverse(arguments.begin(), arguments.end());
  try {
    program.parse(std::move(arguments));
  } catch (const CLI::Success& e) {
    return program.exit(e);
  } catch (const CLI::ParseError& e) {
    throw etamax::InputError(first_line(e.what()));
  }
  if (verb.empty()) fmt::print("{}", program.help());
  return status;
}

}  // namespace

bool etamax::apps::interrupted() { return stop != 0; }

std::string etamax::apps::verb_of(const std::vector<std::string>& arguments) {
  const auto at = std::find_if(arguments.begin(), arguments.end(), [](const std::string& a) { return a[0] != '-'; });
  return at == arguments.end() ? "" : *at;
}

int etamax::apps::run_program(int argc, char** argv, const std::vector<AddVerb>& verbs) {
  std::signal(SIGINT, on_interrupt);
  try {
    return run(Arguments(argv + 1, argv + argc), verbs);
  } catch (const etamax::InputError& e) {
    fmt::print(stderr, "etamax: {}\n", e.what());
    return 2;
  } catch (const etamax::Interrupted&) {
    fmt::print(stderr, "etamax: interrupted\n");
    return 3;
  } catch (const std::exception& e) {
    fmt::print(stderr, "etamax: a fault of etamax itself: {}\n", e.what());
    return 1;
  }
}
