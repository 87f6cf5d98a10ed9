#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace etamax {

/// How many bytes this process may still take: what the machine has free, or less where a control group limits it, as
/// containers and batch systems do. What a group keeps of files that were read counts as free. Nothing where the system
/// does not say. `root` is the folder that /proc and the mounts of groups are in.
std::optional<std::uint64_t> free_memory(const std::string& root = "");

}  // namespace etamax
