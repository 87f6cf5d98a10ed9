#include "help.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "verbs.h"

namespace etamax::apps {
namespace {

constexpr std::size_t kWidth = 80, kColumn = 26;

/// `text`, wrapped, from `column` on behind `left`, which stands on a line of its own where it is too long.
std::string entry(const std::string& left, const std::string& text, std::size_t column = kColumn) {
  std::string shown, line = left.empty() ? "" : "  " + left;
  if (!line.empty() && line.size() + 2 > column) shown = std::exchange(line, "") + "\n";
  line.resize(column, ' ');
  bool empty = true;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      shown += line + "\n";
      line.assign(column, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
    begin = end + 1;
  }
  return shown + line + "\n";
}

std::string usage(const CLI::App& app, const std::string& name) {
  std::string text = "Usage: " + name + (app.get_parent() == nullptr ? " COMMAND" : "");
  for (const CLI::Option* option : app.get_options([](const CLI::Option* o) { return o->get_positional(); }))
    text += " " + option->get_name(true);
  return text + " [OPTIONS]\n";
}

std::string option_entry(const CLI::Option& option) {
  if (option.get_positional()) return entry(option.get_name(true), option.get_description());
  std::string left = option.get_name(false, true);
  if (const std::size_t comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
  return entry(left + (option.get_type_size() != 0 ? " " + option.get_type_name() : ""), option.get_description());
}

std::string options(const CLI::App& app) {
  std::string text;
  const auto add = [&](const std::string& name, const std::string& entries) {
    if (!entries.empty()) text += "\n" + name + ":\n" + entries;
  };
  const auto entries = [](const CLI::App& of, const std::string& group) {
    std::string lines;
    for (const CLI::Option* option : of.get_options())
      if (option->get_group() == group && option != of.get_help_ptr()) lines += option_entry(*option);
    return lines;
  };
  for (const Group group : {Group::problem, Group::optimizer, Group::runs, Group::output})
    add(group_name(group), entries(app, group_name(group)));
  const CLI::App& top = app.get_parent() ? *app.get_parent() : app;  // its options may stand behind the command too
  add("General", entries(top, "Options") + option_entry(*app.get_help_ptr()));
  return text;
}

std::string commands(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : app.get_subcommands(nullptr))
    text += entry(command->get_name(), command->get_description(), 12);
  return text.empty() ? "" : "\nCommands:\n" + text + "\n`etamax COMMAND --help` shows the options of a command.\n";
}

}  // namespace

std::string sentence(const Field& field) {
  if (!field.is_switch() || field.value_text().empty()) return field.help;
  std::string help = field.help;
  help.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(help.front())));
  return "Do not " + help;
}

std::string exit_statuses() {
  std::string text = "Exit status:\n";
  for (const ExitStatus& exit : kExitStatuses) text += entry(std::to_string(exit.status), exit.meaning, 5);
  text.pop_back();
  return text;
}

void describe(CLI::Option& option, const Field& field) {
  const std::string facts = field.facts();
  option.description(sentence(field) + (facts.empty() ? "" : " (" + facts + ")"))->group(group_name(field.group));
  if (!field.is_switch()) option.type_name(field.type());
}

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  const std::string footer = app->get_footer();
  return entry("", app->get_description(), 0) + "\n" + usage(*app, name) + commands(*app) + options(*app) +
         (footer.empty() ? "" : "\n" + footer + "\n");
}

}  // namespace etamax::apps
