#pragma once

#include <filesystem>

#include "etamax/files/detail_replace_file.h"

/// What a file has besides its content, its permissions and its owner.
namespace etamax {

/// Gives the new file, of descriptor `file`, the extended attributes of the one at `from` that this process may see:
/// `user.*`, `trusted.*`, `security.*` but for what vouches for the old content. Gives up where that cannot be done;
/// file systems without any have none.
void copy_attributes(const WriteTarget& target, const std::filesystem::path& from, int file);
/// The same for the POSIX access control list. A file that has none gets none, whatever its folder gives to new ones.
void copy_access_list(const WriteTarget& target, const std::filesystem::path& from, int file);

}  // namespace etamax
