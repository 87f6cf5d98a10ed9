#include "stack.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "etamax/core/error.h"

namespace etamax::apps {

void take_stack() {
  constexpr rlim_t kWanted = rlim_t{8} << 20, kLeast = rlim_t{1} << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kWanted) return;  // RLIM_INFINITY is the largest
  limit.rlim_cur = std::min(kWanted, limit.rlim_max);
  if (limit.rlim_cur < kLeast)
    throw EnvironmentError(fmt::format("the stack is limited to {} kB, and takes {}: raise the limit (ulimit -s)",
                                       limit.rlim_cur / 1024, kLeast / 1024));
  setrlimit(RLIMIT_STACK, &limit);  // never above the hard limit, so that nothing refuses it
}

}  // namespace etamax::apps
