#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What the programs print. Nobody has to listen: a standard stream that is closed, full or read by a program that has
/// gone ends no work and changes no exit status, but for an answer that the disk has no room for.
namespace etamax::apps {

/// The most bytes that a message takes; what is longer is cut in its middle.
inline constexpr std::size_t kLongestMessage = 1000;

/// Opens /dev/null in the place of closed standard streams, so that no file that is opened later becomes one of them
/// and gets what is printed; and lets writing to a pipe that nobody reads, or beyond a limit of size, fail instead of
/// ending the program. To be called before anything else.
void ready_standard_streams();

/// A line on the standard error. Control characters, and bytes that are no UTF-8, are written as "\x1b".
void put_line(std::string_view text);
/// "etamax: " and the message, in a line of the standard error.
void say(std::string_view message);

/// Wipes out the line of a terminal that shows the status, for what is said next. Handlers of signals may call it.
void wipe_status() noexcept;

/// A text of lines that a terminal may be shown: what put_line escapes is escaped, but for line feeds and, with
/// `color`, the sequences that set a color.
std::string for_terminal(std::string_view text, bool color);

/// All of the text on the standard output. Throws EnvironmentError where that takes no more; where nobody reads it, the
/// rest is lost.
void print(std::string_view text);

}  // namespace etamax::apps
