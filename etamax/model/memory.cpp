#include "etamax/model/memory.h"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <limits>

namespace etamax {

void keep_freed_memory() {
#if defined(M_MMAP_MAX) && defined(M_TRIM_THRESHOLD)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

}  // namespace etamax
