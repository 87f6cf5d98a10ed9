#pragma once

#include <string>
#include <vector>

namespace etamax::apps {

/// Gives up, for the calling thread and all that it starts from now on, and for good: to write, make, remove or change
/// files; to open others than `readable` (a folder stands for all in it) and those of the system that libraries
/// need; the network; to start programs or processes, and to reach those of others. What is open stays open. Call
/// it while there is one thread.
///
/// Returns what the kernel lacks for it, each with what remains possible; none where it is all so.
std::vector<std::string> confine(const std::vector<std::string>& readable);

}  // namespace etamax::apps
