#include "etamax/dynamics/explain.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/dynamics/explain.h"
#include "etamax/report/html.h"
#include "etamax/report/png.h"
#include "etamax/report/poster.h"
#include "etamax/report/svg.h"
#include "etamax/report/text.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

struct Arguments {
  std::string objective, optimizer, output;
  std::vector<std::string> from, rates, observed;
  std::string observed_lr;
  std::string steps = "3", max_steps = "10000";
  std::vector<std::pair<std::string, std::string>> settings;
  bool json = false, quiet = false, no_color = false;
};

double number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') throw InputError(fmt::format("{}: '{}' is not a number", option, text));
  return value;
}

long whole(const std::string& option, const std::string& text, double limit) {
  const double value = number(option, text);
  if (!(value >= 0 && value <= limit) || value != std::floor(value))
    throw InputError(
        fmt::format("{}: {} is not a whole number in 0..{}", option, text, format_number(limit, 9)));
  return static_cast<long>(value);
}

std::vector<std::string> split(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find(',', begin)) != std::string::npos; begin = end + 1)
      parts.push_back(text.substr(begin, end - begin));
    parts.push_back(text.substr(begin));
  }
  return parts;
}

ExplainOptions options_from(const Arguments& arguments) {
  ExplainOptions options;
  options.objective = arguments.objective;
  for (const std::string& part : split(arguments.from)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      options.start.emplace_back("", number("--from", part));
    else
      options.start.emplace_back(part.substr(0, equals),
                                 number("--from " + part.substr(0, equals), part.substr(equals + 1)));
  }
  for (const std::string& part : split(arguments.rates))
    options.learning_rates.push_back(number("--lr", part));
  bool momentum = false;
  for (const auto& [name, text] : arguments.settings) {
    options.settings.emplace_back(name, number("--" + name, text));
    momentum |= name == "momentum";
  }
  options.optimizer = !arguments.optimizer.empty() ? arguments.optimizer : momentum ? "sgd" : "gd";
  options.follow.shown_steps = static_cast<int>(whole("--steps", arguments.steps, 10000));
  options.follow.max_steps = whole("--max-steps", arguments.max_steps, 1000000);
  options.follow.progress = [](double) { return !interrupted(); };
  for (const std::string& part : split(arguments.observed))
    options.observed.push_back(number("--observed", part));
  if (!arguments.observed_lr.empty()) options.observed_lr = number("--observed-lr", arguments.observed_lr);
  return options;
}

/// Written beside its place and renamed, so that nothing is ever half-written.
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

/// The document that a file's ending asks for.
std::string document(const Explanation& answer, const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending == ".html") return to_html(answer);
  if (ending == ".svg") return to_svg(poster(answer), Theme::light);
  if (ending == ".png") return png_from_svg(to_svg(poster(answer), Theme::light));
  if (ending == ".json") return to_json(answer);
  throw InputError(fmt::format("--output: '{}' must end in .html, .svg, .png or .json", path));
}

TerminalStyle style(const Arguments& arguments) {
  TerminalStyle result;
  const char* no_color = std::getenv("NO_COLOR");
  const char* language = std::getenv("LC_ALL");
  if (!language || !*language) language = std::getenv("LC_CTYPE");
  if (!language || !*language) language = std::getenv("LANG");
  const std::string charset = language ? language : "";
  result.color = !arguments.no_color && !(no_color && *no_color) && isatty(STDOUT_FILENO);
  result.unicode = charset.find("UTF-8") != std::string::npos || charset.find("utf8") != std::string::npos;
  winsize size{};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    result.width = size.ws_col;
  else if (const char* columns = std::getenv("COLUMNS"); columns && std::atoi(columns) > 0)
    result.width = std::atoi(columns);
  return result;
}

std::string optimizer_names() {
  std::string names;
  for (const OptimizerSpec& spec : optimizers()) names += (names.empty() ? "" : ", ") + spec.name;
  return names;
}

int run(const Arguments& arguments) {
  const Explanation answer = explain(options_from(arguments));
  if (!arguments.output.empty()) write_file(arguments.output, document(answer, arguments.output));
  if (arguments.json)
    fmt::print("{}", to_json(answer));
  else if (!arguments.quiet)
    fmt::print("{}", to_text(answer, style(arguments)));
  return answer.partial ? 3 : 0;
}

}  // namespace

void add_explain(CLI::App& program, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      program.add_subcommand("explain", "Why does this learning rate converge or diverge on this function?");
  verb->add_option("EXPR", arguments->objective,
                   "The function: x^2, rosenbrock, quadratic(condition=100), ...")
      ->required();
  verb->add_option("--from", arguments->from, "The start: x=-1,y=2, or -1 where there is one variable")
      ->allow_extra_args(false);
  verb->add_option("--lr", arguments->rates, "A learning rate, or several: --lr 0.8,1.0,1.2")
      ->allow_extra_args(false);
  verb->add_option("--observed", arguments->observed,
                   "Iterates seen elsewhere, after the start: which learning rate are they from?")
      ->allow_extra_args(false);
  verb->add_option("--observed-lr", arguments->observed_lr,
                   "The learning rate that those are said to be from");
  verb->add_option("--steps", arguments->steps, "Steps to show (0..10000)");
  verb->add_option("--max-steps", arguments->max_steps, "How far the long run is followed");
  verb->add_option("--optimizer", arguments->optimizer, optimizer_names());
  std::vector<std::string> seen;
  for (const OptimizerSpec& spec : optimizers()) {
    for (const Hyperparameter& h : spec.hyperparameters) {
      if (std::find(seen.begin(), seen.end(), h.name) != seen.end()) continue;
      seen.push_back(h.name);
      std::string option = h.name;
      std::replace(option.begin(), option.end(), '_', '-');
      const std::string name = h.name;
      if (h.is_flag)
        verb->add_flag_callback(
            "--" + option, [=] { arguments->settings.emplace_back(name, "1"); }, h.summary);
      else
        verb->add_option_function<std::string>(
            "--" + option, [=](const std::string& text) { arguments->settings.emplace_back(name, text); },
            h.summary);
    }
  }
  verb->add_option("--output", arguments->output, "Write the answer to a file: .html, .svg, .png or .json");
  verb->add_flag("--json", arguments->json, "Print one JSON document");
  verb->add_flag("--quiet", arguments->quiet, "Print nothing but what was asked for");
  verb->add_flag("--no-color", arguments->no_color, "No colours");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace etamax::apps
