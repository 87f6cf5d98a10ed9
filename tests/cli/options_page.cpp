// Writes docs/options.md from the tables of options: options_page FILE. With --check FILE it says whether FILE is that
// page. Sections of commands that this build does not have stay as they are.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "all_verbs.h"
#include "help.h"
#include "options.h"
#include "spelling.h"
#include "verbs.h"

namespace {

using namespace etamax;

const char* const kIntroduction = R"(# Options

<!-- Generated from the tables of options. Do not edit: build `options_page` and run
     `build/tests/cli/options_page docs/options.md`. -->

Options as the command line spells them. In a TOML file for `--config`, dashes are underscores and a switch is true or
false: `batch_size = 64`, `json = true`; what `--no-culprits` turns off is `culprits = false`. The file gives them at its
top, or in a table of the command's name, which wins; the command line wins over both. Other tables are refused, as are
files of more than 64 KiB.

Several values follow an option that takes a list, with commas or spaces between them (`--lr 0.8 1.0`); `--lr 0.1:2:0.1` is a
range, start:stop:step with both ends. A list has at most 5,000 values. Usual other names of options are taken too:
`--learning-rate`, `--x0`, `--bs`, `--wd`.

)";

std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string default_of(const Field& field) {
  if (field.is_switch()) return field.value_text().empty() ? "off" : "`" + field.name + " = true`";
  if (field.more.required) return "required";
  const std::string value = field.value_text();
  if (!value.empty()) return "`" + value + "`" + (field.more.unit.empty() ? "" : " " + field.more.unit);
  return field.more.usual;
}

bool is_common(const Field& field) {
  apps::OutputOptions options;
  const Fields common = apps::fields(options, {});
  return field.name != "figure" &&  // whose words are each command's own
         std::any_of(common.begin(), common.end(), [&](const Field& f) { return f.name == field.name; });
}

/// Of the fields that are `wanted`, in the order of their groups.
template <typename Wanted>
std::string table(const Fields& fields, Wanted wanted) {
  std::string text = "| option | default | range | |\n|---|---|---|---|\n";
  const apps::Spelling spelling(fields);
  for (const Group group : {Group::problem, Group::optimizer, Group::runs, Group::output})
    for (const Field& field : fields)
      if (field.group == group && wanted(field))
        text += fmt::format("| `{}{}` | {} | {} | {} |\n", spelling.of(field.name),
                            field.is_switch() || field.more.positional ? "" : " " + field.type(), default_of(field),
                            escaped(field.range_text()), escaped(apps::sentence(field)));
  return text;
}

/// The page's sections by their titles; those of commands that are not in this build are missing.
std::map<std::string, std::string> sections() {
  const std::map<std::string, apps::MakeVerb> makers = apps::all_verbs();
  std::map<std::string, std::string> made;
  for (const apps::VerbSpec& spec : apps::kVerbs) {
    const auto maker = makers.find(spec.name);
    if (maker == makers.end()) continue;
    const auto verb = maker->second();
    made[spec.name] = fmt::format("## {}\n\n{}\n\n    {}\n    {}\n\n{}", spec.name, spec.summary, spec.examples[0],
                                  spec.examples[1], table(verb->fields(), [](const Field& field) {
                                    return field.group == Group::problem || field.group == Group::runs ||
                                           (field.group == Group::output && !is_common(field));
                                  }));
    if (std::string(spec.name) != "explain") continue;
    made["Optimizer"] =
        "## Optimizer\n\nOf every command; `explain` alone takes several optimizers. [Optimizers](optimizers.md) has each with its own defaults and ranges.\n\n" +
        table(verb->fields(), [](const Field& field) { return field.group == Group::optimizer; });
    made["Output"] = "## Output\n\nOf every command.\n\n" + table(verb->fields(), is_common);
  }
  return made;
}

/// The section of that title in a page; "" where there is none.
std::string section_of(const std::string& page, const std::string& title) {
  const std::size_t begin = page.find("## " + title + "\n");
  if (begin == std::string::npos) return "";
  const std::size_t end = page.find("\n## ", begin);
  return page.substr(begin, end == std::string::npos ? end : end - begin);
}

std::string page(const std::string& before) {
  std::vector<std::string> titles;
  for (const apps::VerbSpec& spec : apps::kVerbs) titles.emplace_back(spec.name);
  titles.insert(titles.end(), {"Optimizer", "Output"});
  const auto made = sections();
  std::string text = kIntroduction;
  for (const std::string& title : titles) {
    const auto found = made.find(title);
    const std::string section = found != made.end() ? found->second : section_of(before, title);
    if (!section.empty()) text += (&title == &titles.front() ? "" : "\n") + section;
  }
  text += "\n## Exit status\n\n| status | meaning |\n|---|---|\n";
  for (const apps::ExitStatus& exit : apps::kExitStatuses)
    text += fmt::format("| {} | {} |\n", exit.status, exit.meaning);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string(argv[1]) == "--check";
  if (argc != 2 && !check) {
    std::cerr << "usage: options_page [--check] FILE\n";
    return 2;
  }
  const char* path = argv[argc - 1];
  std::stringstream found;
  // A pipe has no page yet: it would be waited for.
  if (std::ifstream file(path); file && std::filesystem::is_regular_file(path)) found << file.rdbuf();
  const std::string wanted = page(found.str());
  if (!check) {
    std::ofstream(path) << wanted;
    return 0;
  }
  if (found.str() == wanted) return 0;
  std::cerr << path << " is not what the tables of options say: options_page " << path << "\n";
  return 1;
}
