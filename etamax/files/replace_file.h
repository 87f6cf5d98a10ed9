#pragma once

#include <string>
#include <string_view>

namespace etamax {

/// Makes `content` the file at `path`, or leaves what is there as it was: written beside its place under a name of its
/// own, brought to the disk, and renamed, so that neither a crash nor another reader ever meets a half-written file. A
/// file that was there keeps its permissions, and a symbolic link leads where it did. Throws InputError for the option
/// `field` that named the path where it names no place for a file, EnvironmentError where the machine does not let it
/// be written; nothing is left behind then.
void replace_file(const std::string& field, const std::string& path, std::string_view content);

}  // namespace etamax
