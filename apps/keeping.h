#pragma once

#include <string>
#include <vector>

namespace etamax::apps {

/// A file that the command line says may be written.
struct NamedFile {
  std::string field, path;  ///< as replace_file takes them
};

/// From now on another process, at the other end of the socket, replaces and keeps this one's files and prints what
/// it prints. What else is written here, to a standard stream or to any file or terminal that is open, nobody sees;
/// what is open for reading alone stays open. Throws EnvironmentError.
void ask_another_process(int channel);

/// That other one, until its asker ends. Of files it replaces `files` alone. What it prints is one answer, which gives
/// a terminal no orders, the status of the work and some messages: more is lost. Returns whether an answer was printed.
bool keep_for_asker(int channel, const std::vector<NamedFile>& files);

/// Whether the asker waits for something that is being done for it. For a handler of signals.
bool asker_waits() noexcept;

}  // namespace etamax::apps
