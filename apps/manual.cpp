#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "etamax/core/version.h"
#include "help.h"
#include "reference.h"
#include "spelling.h"

namespace etamax::apps {
namespace {

/// A line of text that troff takes for text.
std::string line(const std::string& text) {
  std::string escaped = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return escaped + "\n";
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string entry(const std::string& name, const std::string& type, const std::string& text) {
  std::string bold = line(name), value = line(type);
  bold.pop_back(), value.pop_back();
  return ".TP\n\\fB" + bold + "\\fR" + (type.empty() ? "" : " \\fI" + value + "\\fR") + "\n" + line(text);
}

std::string entries(const Fields& fields, Group group) {
  const Spelling spelling(fields);
  std::string text;
  for (const Field& field : fields) {
    if (field.group != group) continue;
    const std::string facts = field.facts();
    text += entry(spelling.of(field.name), field.is_switch() || field.more.positional ? "" : field.type(),
                  sentence(field) + (facts.empty() ? "" : " (" + facts + ")"));
  }
  return text;
}

std::string section(const Command& command) {
  std::string text = ".SH " + upper(command.spec.name) + "\n" + line(command.spec.summary);
  if (command.fields.empty())
    return text + line("Its options are shown by etamax " + std::string(command.spec.name) + " --help.");
  for (const Group group : {Group::problem, Group::optimizer, Group::runs, Group::output})
    text += std::string(".SS ") + group_name(group) + "\n" + entries(command.fields, group);
  return text;
}

}  // namespace

std::string manual(const std::vector<Command>& commands) {
  std::string text = ".TH ETAMAX 1 \"\" \"etamax " ETAMAX_VERSION "\" \"User Commands\"\n.SH NAME\n";
  text += "etamax \\- why training diverges, and what the largest stable learning rate is\n.SH SYNOPSIS\n";
  for (const Command& command : commands) {
    std::string arguments;
    for (const Field& field : command.fields)
      if (field.more.positional) arguments = " \\fI" + field.type() + "\\fR";
    text += std::string(".B etamax ") + command.spec.name + "\n" + arguments.substr(arguments.empty() ? 0 : 1) +
            (arguments.empty() ? "" : "\n") + "[\\fIOPTIONS\\fR]\n.br\n";
  }
  text += ".SH DESCRIPTION\n";
  for (const Command& command : commands) text += entry(command.spec.name, "", command.spec.summary);
  text +=
      ".PP\n" + line(
                    "Options of several values take commas or spaces between them; 0.1:2:0.1 is a range of numbers, "
                    "start:stop:step with both ends.");
  for (const Command& command : commands) text += section(command);
  text += ".SH GENERAL OPTIONS\n" + entry("--config", "FILE", "Read options from a TOML file; the command line wins") +
          entry("--help", "", "Print help, of a command behind its name") +
          entry("--version", "", "Print the versions of etamax, LibTorch, BLAS and the compiler");
  text += ".SH EXIT STATUS\n";
  for (const ExitStatus& exit : kExitStatuses) text += entry(std::to_string(exit.status), "", exit.meaning);
  text += ".SH ENVIRONMENT\n" + entry("NO_COLOR", "", "Where set, text is printed without colors") +
          entry("OMP_NUM_THREADS", "", "Threads, where no option says how many") + ".SH EXAMPLES\n";
  for (const Command& command : commands)
    for (const char* example : command.spec.examples) text += ".EX\n" + line(example) + ".EE\n.PP\n";
  text.resize(text.size() - 4);  // no paragraph follows the last
  return text;
}

}  // namespace etamax::apps
