#include "options.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "etamax/files/replace_file.h"

namespace etamax::apps {
namespace {

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

Fields fields(OutputOptions& o) {
  return {
      {Group::output,
       "output",
       &o.output,
       "Write the answer to a file; its ending is the format: .html, .svg, .png or .json",
       {},
       {.placeholder = "FILE"}},
      {Group::output, "json", &o.json, "Print the answer as one JSON document"},
      {Group::output, "quiet", &o.quiet, "Print nothing that was not asked for"},
      {Group::output, "no_color", &o.no_color, "Print without colors, as NO_COLOR=1 does"},
  };
}

void check(const OutputOptions& options) {
  if (options.output.empty()) return;
  const std::string ending = std::filesystem::path(options.output).extension();
  if (ending != ".html" && ending != ".svg" && ending != ".png" && ending != ".json")
    throw InputError("output", options.output, "a name that ends in .html, .svg, .png or .json",
                     fmt::format("output: '{}' must end in .html, .svg, .png or .json", options.output));
}

Fields fields(ExecutionOptions& o) {
  return {
      {Group::runs, "seed", &o.seed, "Random seed", Range::at_least(0)},
      {Group::runs, "threads", &o.threads, "Threads; 0 uses OMP_NUM_THREADS, or one per core", Range::from_to(0, 1024)},
  };
}

TerminalStyle terminal_style(const OutputOptions& options) {
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

long peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

void write_output(const std::string& path, const std::string& content) { replace_file("output", path, content); }

}  // namespace etamax::apps
