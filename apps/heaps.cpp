#include "heaps.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace etamax::apps {

void keep_to_few_heaps(std::size_t taken) {
  constexpr rlim_t kPerHeap = rlim_t{512} << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
#ifdef M_ARENA_MAX
  const rlim_t left = limit.rlim_cur - std::min<rlim_t>(taken, limit.rlim_cur);
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<rlim_t>(left / kPerHeap, 1, 1000)));
#endif
}

}  // namespace etamax::apps
