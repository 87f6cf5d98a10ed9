#include "program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <sstream>

#include "arguments.h"
#include "config.h"
#include "etamax/core/version.h"
#include "etamax/expr/expression.h"
#include "etamax/files/replace_file.h"
#include "heaps.h"
#include "help.h"
#include "messages.h"
#include "options.h"
#include "signals.h"
#include "spelling.h"
#include "stack.h"

namespace etamax::apps {
namespace {

/// Memory that runs out in a destructor, such as that of a large JSON, ends the program here.
[[noreturn]] void on_terminate() {
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
    constexpr std::string_view kWords = "etamax: memory does not suffice\n";
    [[maybe_unused]] const ssize_t ignored = ::write(last_words(), kWords.data(), kWords.size());
    std::_Exit(note_end(1));
  } catch (...) {
  }
  std::abort();
}

/// What was given for each field, by its name.
using Given = std::map<std::string, std::vector<std::string>>;

void add_options(CLI::App& app, const Fields& fields, const Spelling& spelling, Given& given) {
  for (const Field& field : fields) {
    const std::string option = spelling.of(field.name);
    CLI::Option* added = nullptr;
    if (field.is_switch())
      added = app.add_flag_callback(option, [&given, name = field.name, off = spelling.turns_off(field.name)] {
        given[name] = {off ? "false" : "true"};
      });
    else if (field.is_list())
      added = app.add_option_function<Arguments>(
                     option, [&given, name = field.name](const Arguments& texts) { given[name] = texts; })
                  ->allow_extra_args(false);
    else
      added = app.add_option_function<std::string>(
          option, [&given, name = field.name](const std::string& text) { given[name] = {text}; });
    describe(*added, field);
  }
}

/// There are no short options but -h: a single hyphen begins an expression (-x^2) or a number, which CLI11 takes for
/// what it is behind a space.
Arguments hidden_hyphens(Arguments arguments) {
  for (std::string& argument : arguments)
    if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-' && argument != "-h") argument.insert(0, " ");
  return arguments;
}

/// What CLI11 found wrong, in a line of our own.
std::string in_words(const CLI::ParseError& error) {
  const std::string text = error.what(), line = text.substr(0, text.find('\n'));
  const std::string last = line.substr(line.rfind(' ') + 1), option = line.substr(0, line.find(':'));
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) return "unexpected argument '" + last + "'";
  if (!dynamic_cast<const CLI::ArgumentMismatch*>(&error)) return line;
  return option + (line.find("received") != std::string::npos ? ": is given more than once" : ": needs a value");
}

/// Whether the file that the option names takes an answer. A state is read first, and what is none is refused.
bool is_written(const std::string& option) { return option == "output" || option == "vectors" || option == "diagonal"; }

/// The fields, as the configuration file and then the command line give them.
void read_given(const Fields& fields, const std::string& config, const std::string& verb, const Given& given) {
  std::vector<std::string> found;
  if (!config.empty()) found = read_config(config, verb, fields);
  for (const Field& field : fields) {
    const auto at = given.find(field.name);
    if (at != given.end()) {
      std::vector<std::string> texts = at->second;
      for (std::string& text : texts) {
        if (text.empty() && !field.is_number() && !field.could_hold("0"))
          throw InputError(field.name, "needs a value, and is given an empty one");
        if (text.starts_with(" -")) text.erase(0, 1);
      }
      field.read(texts);
    } else if (field.more.positional && field.more.required &&
               std::find(found.begin(), found.end(), field.name) == found.end()) {
      throw InputError(fmt::format("{} is required; etamax {} --help shows the options", field.type(), verb));
    }
    if (is_written(field.name) && same_file(config, field.value_text()))
      throw InputError(field.name, fmt::format("'{}' is the file of --config, which it would replace", config));
  }
}

std::string version_text(std::string (*libraries)()) {
#if defined(__clang__)
  const char* const compiler = "clang " __clang_version__;
#else
  const char* const compiler = "g++ " __VERSION__;
#endif
  return fmt::format("etamax {}\n{}\n{}", ETAMAX_VERSION, libraries(), compiler);
}

int run(const Arguments& arguments, const std::map<std::string, MakeVerb>& makers, std::string (*libraries)()) {
  CLI::App program("Why does training diverge, and what is the largest stable learning rate?");
  program.name("etamax");
  program.formatter(std::make_shared<Help>());
  program.get_help_ptr()->description("Print this help");
  program.set_version_flag(
      "--version", [libraries] { return version_text(libraries); },
      "Print the versions of etamax, LibTorch, BLAS and the compiler");
  program.fallthrough();
  program.footer(exit_statuses());
  program.require_subcommand(0, 1);
  std::string config;
  program
      .add_option_function<std::string>(
          "--config",
          [&config](const std::string& path) {
            if (path.empty()) throw InputError("config", "needs a value, and is given an empty one");
            config = path;
          },
          "Read options from a TOML file; the command line wins")
      ->type_name("FILE");
  const std::string called = verb_of(arguments);
  std::unique_ptr<Verb> verb;
  Fields fields;
  Given given;
  for (const VerbSpec& spec : kVerbs) {
    CLI::App* command = program.add_subcommand(spec.name, spec.summary);
    if (called != spec.name) continue;  // options of the others would only cost time
    const auto maker = makers.find(spec.name);
    if (maker == makers.end()) throw InputError(fmt::format("{0} is not in this program; run etamax {0}", called));
    verb = maker->second();
    fields = verb->fields();
    command->footer(fmt::format("Examples:\n  {}\n  {}", spec.examples[0], spec.examples[1]));
    command->get_help_ptr()->description("Print this help");
  }
  const Spelling spelling(fields);
  if (verb) add_options(*program.get_subcommand(called), fields, spelling, given);
  try {
    Arguments reversed = hidden_hyphens(as_spelled(arguments, called, fields, spelling));
    std::reverse(reversed.begin(), reversed.end());
    program.parse(std::move(reversed));
    if (!verb) {
      print(program.help());
      return 0;
    }
    read_given(fields, config, called, given);
    return verb->run();
  } catch (const CLI::Success& e) {  // help, the version
    std::ostringstream text;
    const int status = program.exit(e, text, text);
    print(text.str());
    return status;
  } catch (const CLI::ParseError& e) {
    throw InputError(in_words(e));
  } catch (const ParseError&) {
    throw;  // with its excerpt, in which nothing is spelled anew
  } catch (const InputError& e) {
    throw InputError(spelling.of(e));
  }
}

}  // namespace

int run_program(int argc, char** argv, const std::map<std::string, MakeVerb>& verbs, std::string (*libraries)()) {
  catch_signals();
  std::set_terminate(on_terminate);
  try {
    take_stack();
    keep_to_few_heaps();
    return run(with_usual_words({argv + 1, argv + argc}), verbs, libraries);
  } catch (const ParseError& e) {
    say(e.summary());
    for (const std::string& line : e.excerpt()) put_line(line);
    return 2;
  } catch (const InputError& e) {
    say(e.what());
    return 2;
  } catch (const EnvironmentError& e) {
    say(e.what());
    return 1;
  } catch (const Interrupted&) {
    say(interruption());
    return 3;
  } catch (const std::bad_alloc&) {
    say(fmt::format("memory does not suffice: this run needs more than the {} MB that it had",
                    peak_rss_bytes() / 1000000));
    return 1;
  } catch (const std::exception& e) {
    say(fmt::format("internal error: {}", e.what()));
    return 1;
  }
}

}  // namespace etamax::apps
