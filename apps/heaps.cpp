#include "heaps.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace etamax::apps {

void keep_to_few_heaps() {
  constexpr rlim_t kPerHeap = rlim_t{512} << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<rlim_t>(limit.rlim_cur / kPerHeap, 1, 1000)));
#endif
}

}  // namespace etamax::apps
