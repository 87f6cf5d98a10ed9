#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/report/png.h"
#include "etamax/report/svg.h"
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
  std::string seed = "0", threads = "0";
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

/// Refuses a file name whose ending is none of these, before any work is done.
void check_ending(const std::string& path);

/// The document that a file's ending asks for: .html, .svg, .png or .json.
template <typename Answer>
std::string document(const Answer& answer, const std::string& path) {
  check_ending(path);
  const std::string ending = std::filesystem::path(path).extension();
  if (ending == ".html") return to_html(answer);
  if (ending == ".svg") return to_svg(poster(answer), Theme::light);
  if (ending == ".png") return png_from_svg(to_svg(poster(answer), Theme::light));
  return to_json(answer);
}

/// Writes and prints an answer as the options say. Returns 3 where it is partial, else 0.
template <typename Answer>
int deliver(const Answer& answer, const CommonOptions& options) {
  if (!options.output.empty()) write_file(options.output, document(answer, options.output));
  const std::string text = options.json    ? to_json(answer)
                           : options.quiet ? ""
                                           : to_text(answer, terminal_style(options));
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw InputError("standard output: cannot be written to");
  return answer.partial ? 3 : 0;
}

}  // namespace etamax::apps
