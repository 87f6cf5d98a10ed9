#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apart.h"
#include "etamax/core/error.h"
#include "etamax/core/fields.h"
#include "etamax/core/format.h"
#include "etamax/draw/rsvg.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/document.h"
#include "messages.h"

/// What commands share: their common options, and how an answer is delivered.
namespace etamax::apps {

/// How an answer is shown. Every command has these.
struct OutputOptions {
  std::string output;  ///< a file; its ending chooses the format
  std::string figure;  ///< the one picture that it shall hold; "" takes all
  bool json = false, quiet = false, no_color = false;
  std::string_view lab;  ///< the lab's file, which an HTML report of a function shall hold; "" for none
};
/// `figures`: the names of the pictures that the command has.
Fields fields(OutputOptions& options, const std::vector<std::string>& figures);
/// Whether an HTML report of a function leaves the lab out. Its commands have this option.
inline Field field_of_static(bool& value) {
  return {Group::output, "static", &value,
          "Leave the lab out of an HTML report, which is then small and without scripts"};
}
/// As check_output.
void check(const OutputOptions& options);
/// Refuses that the file of the option `writes` takes the place of what the option `reads` names: a file, or one of a
/// folder's, to which it may not be added either.
void check_spares(const std::string& writes, const std::string& written, const std::string& reads,
                  const std::string& read);

inline constexpr int kMostThreadsPerCore = 4;  ///< more take turns without end

/// How the work is done. Every command has these, whether or not it has any use for them.
struct ExecutionOptions {
  std::uint64_t seed = 0;
  int threads = 0;
};
Fields fields(ExecutionOptions& options);

/// What the terminal can show: colors unless refused (--no-color, NO_COLOR) or not a terminal; Unicode by the locale.
TerminalStyle terminal_style(const OutputOptions& options);

/// The document that a file's ending asks for.
template <typename Answer>
std::string document(const Answer& answer, const OutputOptions& options) {
  const OutputFormat& format = *output_format(options.output);
  const std::string content = etamax::document(answer, format, options.figure, options.lab);
  if (format.ending == std::string(".png")) return made_apart("a .png", [&] { return png_from_svg(content); });
  if (format.ending == std::string(".pdf")) return made_apart("a .pdf", [&] { return pdf_from_svg(content); });
  return content;
}

/// Makes `content` the file of --output. Returns a line that says so. Throws InputError, EnvironmentError.
std::string write_output(const OutputOptions& options, const std::string& content);

/// One error that says both.
[[noreturn]] void throw_both(const std::exception_ptr& first, const EnvironmentError& second);

/// The most memory that this process has had.
long peak_rss_bytes();

/// Writes and prints an answer as the options say, with the memory that it took. Returns 3 where it is partial, else 0.
/// `tell` makes the text for a terminal.
template <typename Answer, typename Tell>
int deliver(Answer answer, const OutputOptions& options, Tell tell) {
  answer.cost.peak_rss_bytes = peak_rss_bytes();
  // Neither is lost where the other cannot be written: a reader such as head may end this process by going away.
  std::exception_ptr unwritten;
  std::string wrote;
  try {
    if (!options.output.empty()) wrote = write_output(options, document(answer, options));
  } catch (...) {
    unwritten = std::current_exception();
  }
  try {
    const TerminalStyle style = terminal_style(options);
    if (options.json)
      print(to_json(answer));
    else if (!options.quiet)
      print(for_terminal(tell(answer, style), style.color));
  } catch (const EnvironmentError& unprinted) {
    if (unwritten) throw_both(unwritten, unprinted);
    if (!wrote.empty() && !options.quiet) put_line(wrote);
    throw;
  } catch (const Interrupted&) {
    if (!wrote.empty() && !options.quiet) put_line(wrote);
    throw;
  }
  if (unwritten) std::rethrow_exception(unwritten);
  if (!wrote.empty() && !options.quiet) put_line(wrote);
  return answer.partial ? 3 : 0;
}
template <typename Answer>
int deliver(Answer answer, const OutputOptions& options) {
  return deliver(std::move(answer), options,
                 [](const Answer& a, const TerminalStyle& style) { return to_text(a, style); });
}

}  // namespace etamax::apps
