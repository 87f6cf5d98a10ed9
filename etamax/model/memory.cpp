#include "etamax/model/memory.h"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace etamax {

void keep_freed_memory() {
#if defined(M_MMAP_MAX) && defined(M_TRIM_THRESHOLD)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

void refuse_missing_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    rlim_t kibibytes = 0;
    if (word != "MemAvailable:" || !(file >> kibibytes)) continue;
    rlimit limit{};
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kibibytes * 1024);
    setrlimit(RLIMIT_DATA, &limit);
    return;
  }
}

}  // namespace etamax
