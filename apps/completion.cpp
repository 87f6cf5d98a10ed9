#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "help.h"
#include "reference.h"
#include "spelling.h"

namespace etamax::apps {
namespace {

enum class Offer { nothing, words, files };

std::vector<std::string> words_of(const Field& field) {
  return field.more.words.empty() ? field.more.known : field.more.words;
}

Offer offer_of(const Field& field) {
  if (!words_of(field).empty()) return Offer::words;
  return field.more.placeholder == "FILE" || field.more.placeholder == "LOG" ? Offer::files : Offer::nothing;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

/// For the inside of single quotes.
std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string verbs(const std::vector<Command>& commands, const std::string& between) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.spec.name);
  return joined(names, between);
}

const char* const kGeneral[] = {"--help", "--config"};

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
  std::string cases, options;
  for (const Command& command : commands) {
    const Spelling spelling(command.fields);
    std::string all, positional;
    for (const Field& field : command.fields) {
      const std::string name = spelling.of(field.name), words = joined(words_of(field), " ");
      const std::string offered = offer_of(field) == Offer::files ? "_etamax_files"
                                  : words.empty()                 ? "COMPREPLY=()"
                                                                  : "_etamax_words " + quoted(words);
      if (field.more.positional) {
        positional = offered;
        continue;
      }
      all += name + " ";
      if (!field.is_switch()) cases += fmt::format("    {}:{}) {}; return ;;\n", command.spec.name, name, offered);
    }
    options += fmt::format("    {}) if [[ $cur == -* ]]; then _etamax_words {}; else {}; fi ;;\n", command.spec.name,
                           quoted(all + joined({std::begin(kGeneral), std::end(kGeneral)}, " ")),
                           positional.empty() ? "COMPREPLY=()" : positional);
  }
  return fmt::format(R"(# bash completion for etamax
_etamax_words() {{
  local IFS=$' \n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}}
_etamax_files() {{
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}}
_etamax() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {0}) command=$word; break ;; esac
  done
  case $command:$before in
    *:--config) _etamax_files; return ;;
{1}  esac
  case $command in
{2}    *) _etamax_words {3} ;;
  esac
}}
complete -F _etamax etamax
)",
                     verbs(commands, "|"), cases, options,
                     quoted(verbs(commands, " ") + " help --help --version --config"));
}

std::string zsh_completion(const std::vector<Command>& commands) {
  // What stands in brackets or between colons must not hold them.
  const auto described = [](const std::string& text) {
    return replaced(replaced(replaced(text, "[", "("), "]", ")"), ":", "\\:");
  };
  std::string summaries, cases;
  for (const Command& command : commands) {
    summaries += "      " + quoted(std::string(command.spec.name) + ":" + described(command.spec.summary)) + "\n";
    cases += fmt::format("      {}) _arguments \\\n", command.spec.name);
    const Spelling spelling(command.fields);
    for (const Field& field : command.fields) {
      std::string value;
      if (!field.is_switch()) {
        const std::string words = joined(words_of(field), " ");
        value = ":" + described(field.type()) + ":" +
                (offer_of(field) == Offer::files ? "_files"
                 : words.empty()                 ? ""
                                                 : "(" + replaced(words, ":", "\\:") + ")");
      }
      const std::string spec = field.more.positional
                                   ? "1" + value
                                   : spelling.of(field.name) + "[" + described(sentence(field)) + "]" + value;
      cases += "        " + quoted(spec) + " \\\n";
    }
    cases += "        '--config[Read options from a TOML file]:FILE:_files' '--help[Print this help]' ;;\n";
  }
  return fmt::format(R"(#compdef etamax
_etamax() {{
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '--help[Print this help]' '--version[Print the versions]' '1:COMMAND:->command' '*::OPTIONS:->options'
  case $state in
    command) local -a commands=(
{}    ); _describe command commands ;;
    options) case $words[1] in
{}    esac ;;
  esac
}}
_etamax "$@"
)",
                     summaries, cases);
}

std::string fish_completion(const std::vector<Command>& commands) {
  const auto quoted_for_fish = [](const std::string& text) {
    return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
  };
  const std::string none = fmt::format("not __fish_seen_subcommand_from {}", verbs(commands, " "));
  std::string text = "# fish completion for etamax\ncomplete -c etamax -f\n";
  text += fmt::format("complete -c etamax -n '{}' -l version -d 'Print the versions'\n", none);
  text += "complete -c etamax -l help -d 'Print this help'\n";
  text += "complete -c etamax -l config -r -F -d 'Read options from a TOML file'\n";
  for (const Command& command : commands) {
    text += fmt::format("complete -c etamax -n '{}' -a {} -d {}\n", none, command.spec.name,
                        quoted_for_fish(command.spec.summary));
    const std::string here = fmt::format("complete -c etamax -n '__fish_seen_subcommand_from {}'", command.spec.name);
    const Spelling spelling(command.fields);
    for (const Field& field : command.fields) {
      const std::string words = joined(words_of(field), " ");
      const std::string values = offer_of(field) == Offer::files ? " -F"
                                 : words.empty()                 ? ""
                                                                 : " -a " + quoted_for_fish(words);
      if (field.more.positional)
        text += here + values + "\n";
      else
        text += here + " -l " + spelling.of(field.name).substr(2) + (field.is_switch() ? "" : " -r" + values) + " -d " +
                quoted_for_fish(sentence(field)) + "\n";
    }
  }
  return text;
}

}  // namespace etamax::apps
