#include "options.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/optim/optimizer.h"

namespace etamax::apps {
namespace {

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::string optimizer_names() {
  std::string names;
  for (const OptimizerSpec& spec : optimizers()) names += (names.empty() ? "" : ", ") + spec.name;
  return names;
}

/// The character set of the locale, as the environment names it.
bool unicode_locale() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (!value || !*value) continue;
    std::string charset = value;
    std::transform(charset.begin(), charset.end(), charset.begin(), [](unsigned char c) { return std::tolower(c); });
    return charset.find("utf-8") != std::string::npos || charset.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

double read_number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (trimmed(text).empty() || *end != '\0')
    throw InputError(fmt::format("{}: '{}' is not a number", option, trimmed(text)));
  return value;
}

long read_whole(const std::string& option, const std::string& text, double low, double high) {
  const double value = read_number(option, text);
  if (!(value >= low && value <= high) || value != std::floor(value))
    throw InputError(fmt::format("{}: {} is not a whole number in {}..{}", option, trimmed(text),
                                 format_number(low, 17), format_number(high, 17)));
  return static_cast<long>(value);
}

std::vector<std::string> split_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find(',', begin)) != std::string::npos; begin = end + 1)
      parts.push_back(trimmed(text.substr(begin, end - begin)));
    parts.push_back(trimmed(text.substr(begin)));
  }
  return parts;
}

void add_common_options(CLI::App& verb, CommonOptions& options, const std::string& endings) {
  verb.add_option("--output", options.output, "Write the answer to a file: " + endings);
  verb.add_flag("--json", options.json, "Print one JSON document");
  verb.add_flag("--quiet", options.quiet, "Print nothing but what was asked for");
  verb.add_flag("--no-color", options.no_color, "No colours");
  verb.add_option("--seed", options.seed, "Of what is random (0)");
  verb.add_option("--threads", options.threads,
                  "How many to use; 0: as OMP_NUM_THREADS says, else one for each core (0)");
}

void check_common_options(const CommonOptions& options) {
  read_whole("--seed", options.seed, 0, 9007199254740992.0);
  read_whole("--threads", options.threads, 0, 1024);
  if (!options.output.empty()) check_ending(options.output);
}

void add_optimizer_options(CLI::App& verb, OptimizerOptions& options) {
  verb.add_option("--optimizer", options.name, optimizer_names());
  // An option for each name, which rules may share and describe each in its own words.
  std::vector<Hyperparameter> shared;
  for (const OptimizerSpec& spec : optimizers()) {
    for (const Hyperparameter& h : spec.hyperparameters) {
      const auto same =
          std::find_if(shared.begin(), shared.end(), [&](const auto& other) { return other.name == h.name; });
      if (same == shared.end())
        shared.push_back(h);
      else if (same->summary.find(h.summary) == std::string::npos)
        same->summary += "; or " + h.summary;
    }
  }
  for (const Hyperparameter& h : shared) {
    std::string option = "--" + h.name;
    std::replace(option.begin(), option.end(), '_', '-');
    const auto set = [&options, name = h.name](const std::string& value) {
      options.settings.emplace_back(name, value);
    };
    if (h.is_flag)
      verb.add_flag_callback(
          option, [set] { set("1"); }, h.summary);
    else
      verb.add_option_function<std::string>(option, set, h.summary);
  }
}

std::string chosen_optimizer(const OptimizerOptions& options) {
  if (!options.name.empty()) return options.name;
  const bool momentum = std::any_of(options.settings.begin(), options.settings.end(),
                                    [](const auto& setting) { return setting.first == "momentum"; });
  return momentum ? "sgd" : "gd";
}

std::vector<std::pair<std::string, double>> read_settings(const OptimizerOptions& options) {
  std::vector<std::pair<std::string, double>> settings;
  for (const auto& [name, text] : options.settings) {
    std::string option = "--" + name;
    std::replace(option.begin(), option.end(), '_', '-');
    settings.emplace_back(name, read_number(option, text));
  }
  return settings;
}

TerminalStyle terminal_style(const CommonOptions& options) {
  TerminalStyle style;
  const char* no_color = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind && std::string(kind) == "dumb";
  style.color = !options.no_color && !(no_color && *no_color) && !dumb && isatty(STDOUT_FILENO);
  style.unicode = unicode_locale() && !dumb;
  winsize size{};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::clamp<int>(size.ws_col, 40, 400);
  return style;
}

void check_ending(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending != ".html" && ending != ".svg" && ending != ".png" && ending != ".json")
    throw InputError(fmt::format("--output: '{}' must end in .html, .svg, .png or .json", path));
}

void write_file(const std::string& path, const std::string& content) {
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary);
  file << content;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(part, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw InputError(fmt::format("--output: '{}' cannot be written", path));
  }
}

}  // namespace etamax::apps
