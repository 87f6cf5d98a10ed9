#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "etamax/report/text.h"

/// Options that verbs share, and how their texts are read. Everything that is wrong throws InputError.
namespace etamax::apps {

/// A number as strtod reads it, and nothing after it.
double read_number(const std::string& option, const std::string& text);
/// A whole number in [low, high].
long read_whole(const std::string& option, const std::string& text, double low, double high);
/// "0.8,1.0" "1.2" -> "0.8" "1.0" "1.2", without spaces around them.
std::vector<std::string> split_list(const std::vector<std::string>& texts);

/// Every verb has these.
struct CommonOptions {
  bool json = false, quiet = false, no_color = false;
  std::string output;  ///< a file; its ending chooses the format
  std::string seed = "0", threads = "1";
};
void add_common_options(CLI::App& verb, CommonOptions& options, const std::string& endings);
void check_common_options(const CommonOptions& options);

/// The optimizer and its hyperparameters, by PyTorch's names.
struct OptimizerOptions {
  std::string name;
  std::vector<std::pair<std::string, std::string>> settings;
};
void add_optimizer_options(CLI::App& verb, OptimizerOptions& options);
/// The name given; else "sgd" where a momentum is; else "gd".
std::string chosen_optimizer(const OptimizerOptions& options);
std::vector<std::pair<std::string, double>> read_settings(const OptimizerOptions& options);

/// What the terminal can show: colours unless refused (--no-color, NO_COLOR) or not a terminal; Unicode by
/// the locale.
TerminalStyle terminal_style(const CommonOptions& options);

/// Written beside its place and renamed, so that nothing is ever half-written.
void write_file(const std::string& path, const std::string& content);

}  // namespace etamax::apps
