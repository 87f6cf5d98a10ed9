#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "etamax/core/fields.h"

namespace etamax::apps {

/// What an option is for. Of a switch that is on by default, what giving it prevents.
std::string sentence(const Field& field);

/// "Exit status:" and what each means, wrapped.
std::string exit_statuses();

/// What an option's line in the help says, read from its field: type, group, sentence, default and range.
void describe(CLI::Option& option, const Field& field);

/// The help at 80 columns: options under the headings of their groups, the text beside them wrapped.
class Help : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override;
};

}  // namespace etamax::apps
