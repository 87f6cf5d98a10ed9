#pragma once

#include <string>
#include <vector>

namespace etamax::apps {

/// Gives up all access to files but reading those of `readable` (a folder stands for all in it) and what the
/// system's libraries read. Returns false where the kernel has no Landlock.
bool confine_files(const std::vector<std::string>& readable);

}  // namespace etamax::apps
