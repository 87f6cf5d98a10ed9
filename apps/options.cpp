#include "options.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "etamax/core/interruption.h"
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

std::string size_text(std::size_t bytes) {
  return bytes < 10000 ? counted(static_cast<long>(bytes), "byte")
                       : format_number(static_cast<double>(bytes) / 1000, 3) + " kB";
}

}  // namespace

Fields fields(OutputOptions& o, const std::vector<std::string>& figures) {
  return {
      {Group::output,
       "output",
       &o.output,
       "Also write the answer to a file; its ending is the format: " + output_endings(false),
       {},
       {.placeholder = "FILE"}},
      {Group::output,
       "figure",
       &o.figure,
       "Write only this picture; for " + output_endings(true),
       {},
       {.words = figures, .usual = "all"}},
      {Group::output, "json", &o.json, "Print the answer as a single JSON document"},
      {Group::output, "quiet", &o.quiet, "Print no answer, progress or warnings"},
      {Group::output, "no_color", &o.no_color, "Print without colors, as NO_COLOR=1 does"},
  };
}

void check(const OutputOptions& options) {
  check_output(options.output, options.figure);
  if (!options.output.empty()) check_replaceable("output", options.output);
}

void check_spares(const std::string& writes, const std::string& written, const std::string& reads,
                  const std::string& read) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(writes, written, "a file that `" + reads + "` does not read",
                     fmt::format("{}: '{}' {}", writes, written, why));
  };
  std::error_code error;
  if (same_file(read, written)) refuse(fmt::format("is the file of `{}`, which it would replace", reads));
  if (std::filesystem::is_directory(read, error) && is_file_of(read, written))
    refuse(fmt::format("would be among the files of `{}`, in the folder '{}'", reads, read));
}

Fields fields(ExecutionOptions& o) {
  return {
      {Group::runs, "seed", &o.seed, "Random seed", Range::at_least(0)},
      {Group::runs, "threads", &o.threads, "CPU threads, at most 4 per core; 0 takes OMP_NUM_THREADS, or one per core",
       Range::from_to(0, 1024)},
  };
}

TerminalStyle terminal_style(const OutputOptions& options) {
  TerminalStyle style;
  const char* no_color = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind && std::string(kind) == "dumb";
  const Terminal terminal = terminal_of(STDOUT_FILENO);
  style.color = !options.no_color && !(no_color && *no_color) && !dumb && terminal.there;
  style.unicode = unicode_locale() && !dumb;
  if (terminal.width > 0) style.width = std::clamp(terminal.width, 40, 400);
  return style;
}

long peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

std::string write_output(const OutputOptions& options, const std::string& content) {
  replace_file("output", options.output, content);
  return fmt::format("wrote {} ({}, {})", options.output, size_text(content.size()),
                     output_format(options.output)->name);
}

void throw_both(const std::exception_ptr& first, const EnvironmentError& second) {
  try {
    std::rethrow_exception(first);
  } catch (const std::exception& e) {
    throw EnvironmentError(fmt::format("{}; {}", e.what(), second.what()));
  }
}

}  // namespace etamax::apps
