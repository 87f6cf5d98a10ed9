#include "tensors.h"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "heaps.h"

namespace etamax::apps {

void use_threads(int wanted, bool quiet) {
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int used = wanted > 0 ? wanted : std::getenv("OMP_NUM_THREADS") ? threads_in_use() : cores;
  if (used > kMostThreadsPerCore * cores) {
    const int most = kMostThreadsPerCore * cores;
    if (!quiet)
      say(fmt::format("warning: {} threads are more than {} for each core; {} are used", used, kMostThreadsPerCore,
                      most));
    used = most;
  }
  constexpr std::size_t kLibraries = std::size_t{600} << 20;  // of addresses: LibTorch's, which are loaded by now
  keep_to_few_heaps(kLibraries + set_aside_for_threads(used));
  if (const int fit = threads_that_fit(used); fit < used) {
    const auto size = [](int count) {
      return format_number(static_cast<double>(set_aside_for_threads(count)) / 1e6, 3);
    };
    throw EnvironmentError(
        fmt::format("there is no memory for {} of matrix products, {} MB: {}raise the limit (ulimit -v or -d)",
                    counted(used, "thread"), size(used),
                    fit > 0 ? fmt::format("take --threads {} ({} MB), or ", fit, size(fit)) : ""));
  }
  if (const int fit = threads_that_start(used); fit < used)
    throw EnvironmentError(
        fmt::format("the system lets too few threads be started for LibTorch: {}raise the limit (ulimit -u)",
                    fit > 0 ? fmt::format("take --threads {}, or ", fit) : ""));
  set_threads(used);
}

}  // namespace etamax::apps
