#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "etamax/core/error.h"
#include "etamax/core/fields.h"
#include "etamax/draw/png.h"
#include "etamax/draw/svg.h"
#include "etamax/draw/terminal.h"

/// What commands share: their common options, and how an answer is delivered.
namespace etamax::apps {

/// How an answer is shown. Every command has these.
struct OutputOptions {
  std::string output;  ///< a file; its ending chooses the format
  bool json = false, quiet = false, no_color = false;
};
Fields fields(OutputOptions& options);
/// Refuses a file name whose ending is no format, before any work is done.
void check(const OutputOptions& options);

/// How the work is done. Every command has these, whether or not it has any use for them.
struct ExecutionOptions {
  std::uint64_t seed = 0;
  int threads = 0;
};
Fields fields(ExecutionOptions& options);

/// What the terminal can show: colors unless refused (--no-color, NO_COLOR) or not a terminal; Unicode by the locale.
TerminalStyle terminal_style(const OutputOptions& options);

/// The document that a file's ending asks for: .html, .svg, .png or .json.
template <typename Answer>
std::string document(const Answer& answer, const OutputOptions& options) {
  check(options);
  const std::string ending = std::filesystem::path(options.output).extension();
  if (ending == ".html") return to_html(answer);
  if (ending == ".svg") return to_svg(poster(answer), Theme::light);
  if (ending == ".png") return png_from_svg(to_svg(poster(answer), Theme::light));
  return to_json(answer);
}

/// Makes `content` the file of --output.
void write_output(const std::string& path, const std::string& content);

/// The most memory that this process has had.
long peak_rss_bytes();

/// Writes and prints an answer as the options say, with the memory that it took. Returns 3 where it is partial, else 0.
/// `tell` makes the text for a terminal.
template <typename Answer, typename Tell>
int deliver(Answer answer, const OutputOptions& options, Tell tell) {
  answer.cost.peak_rss_bytes = peak_rss_bytes();
  if (!options.output.empty()) write_output(options.output, document(answer, options));
  const std::string text = options.json ? to_json(answer) : options.quiet ? "" : tell(answer, terminal_style(options));
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw InputError("standard output: cannot be written to");
  return answer.partial ? 3 : 0;
}
template <typename Answer>
int deliver(Answer answer, const OutputOptions& options) {
  return deliver(std::move(answer), options,
                 [](const Answer& a, const TerminalStyle& style) { return to_text(a, style); });
}

}  // namespace etamax::apps
