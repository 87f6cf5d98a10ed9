#pragma once

#include <cstddef>

namespace etamax::apps {

/// Where addresses are limited (ulimit -v), keeps glibc to as many heaps as they have room for. Each thread would ask
/// for one of its own, of 64 MiB, at every allocation anew where that is refused: a map took a hundred times as long by
/// it. `taken`: addresses in use for something else.
void keep_to_few_heaps(std::size_t taken = 0);

}  // namespace etamax::apps
