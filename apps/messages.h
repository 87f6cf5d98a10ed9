#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// What the programs print. Nobody has to listen: a standard stream that is closed, full or read by a program that has
/// gone ends no work and changes no exit status, but for an answer that the disk has no room for.
namespace etamax::apps {

/// The most bytes that a message takes; what is longer is cut in its middle.
inline constexpr std::size_t kLongestMessage = 1000;

/// Opens /dev/null, for reading, in the place of closed standard streams, so that no file that is opened later becomes
/// one of them and gets what is printed; and lets writing to a pipe that nobody reads, or beyond a limit of size, fail
/// instead of ending the program. To be called before anything else.
void ready_standard_streams();

/// What a standard stream is shown on.
struct Terminal {
  bool there = false;  ///< else it is a file, a pipe or nothing
  int width = 0;       ///< in characters; 0 where it does not say
};
Terminal terminal_of(int stream);

/// Who prints for a process that has no streams of its own: what the functions of the same names do.
class Printer {
 public:
  virtual ~Printer() = default;
  virtual Terminal terminal(int stream) const = 0;
  virtual void line(std::string_view text) = 0;
  virtual void status(std::string_view text) = 0;
  virtual void print(std::string_view text) = 0;
};
void set_printer(std::unique_ptr<Printer> printer);

/// A line on the standard error, unless a signal ends the wait for its reader. Control characters, and bytes that are
/// no UTF-8, are written as "\x1b".
void put_line(std::string_view text);
/// "etamax: " and the message, in a line of the standard error.
void say(std::string_view message);

/// What Status shows, on the standard error; on a terminal behind kWipe, which wipes out its line.
inline constexpr std::string_view kWipe = "\r\033[K";
void put_status(std::string_view text);
/// Wipes out the line of a terminal that shows the status, for what is said next. Handlers of signals may call it.
void wipe_status() noexcept;

/// For a process that prints nothing itself: its last words, and how it ended, go to this pipe, to whoever waits for
/// it.
void tell_end_to(int pipe) noexcept;
/// Where handlers of signals write a line: that pipe, or the standard error.
int last_words() noexcept;
/// Where there is that pipe: that an interruption was heard of, and that this process ends by itself, with this status,
/// which is returned. Handlers of signals may call them.
void note_heard() noexcept;
int note_end(int status) noexcept;
/// What they have said.
struct End {
  bool heard = false;
  int status = -1;  ///< -1: it did not end by itself
  std::string_view words;
};
End end_told_by(std::string_view said);

/// A text of lines that a terminal may be shown: what put_line escapes is escaped, but for line feeds and, with
/// `color`, the sequences that set a color.
std::string for_terminal(std::string_view text, bool color);

/// All of the text on the standard output. Throws EnvironmentError where that takes no more; where nobody reads it, the
/// rest is lost. Throws Interrupted where a signal ends the wait for a reader, and where one has asked to stop before
/// and the wait takes more than a second.
void print(std::string_view text);

}  // namespace etamax::apps
