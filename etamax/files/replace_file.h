#pragma once

#include <string>
#include <string_view>

namespace etamax {

/// Makes `content` the file at `path`, or leaves what is there as it was: written beside its place under a name that
/// nothing else has, brought to the disk, and renamed, so that neither a crash nor another reader ever meets a
/// half-written file. The file keeps its permissions, owner and group, its POSIX access control list and its
/// extended attributes, as far as the process may see them, but for what vouches for the content (`security.ima`); a
/// new one has the permissions that the process's mask leaves. Symbolic links lead where they did, also where nothing
/// is yet; another hard link keeps the old content.
///
/// Pipes, terminals and /dev/null, and files that are open already (/dev/stdout) are written to instead: there is
/// nothing to replace. Such a write waits for its reader, and throws Interrupted where a signal ends the wait; where
/// the user had asked to stop before, it does so after a second of the wait.
///
/// Throws InputError for the option `field` that named the path where it names no place for a file, EnvironmentError
/// where the machine does not let it be written, also where that could only be done by halves: in a folder that takes
/// no new file, or where the owner could not be kept. Nothing is left behind then.
void replace_file(const std::string& field, const std::string& path, std::string_view content);

/// Throws what replace_file would, as far as that can be known before there is anything to write, so that no work is
/// done for an answer that has no place.
void check_replaceable(const std::string& field, const std::string& path);

/// Whether both paths name one file, be it through links, or one that is not there yet.
bool same_file(const std::string& a, const std::string& b);
/// Whether a file at `path` is one of that folder's, or would be once it is written, be it through links.
bool is_file_of(const std::string& folder, const std::string& path);

/// For the handler of a signal that ends the process at once: removes the file that replace_file is writing, where it
/// is. Async-signal-safe. Of several threads that write at one time, one is known here.
void unlink_unfinished();

}  // namespace etamax
