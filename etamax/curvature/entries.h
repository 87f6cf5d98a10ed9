#pragma once

#include <algorithm>

#include "etamax/problem/vector.h"

namespace etamax {

/// Each entry of `to` becomes use(it, that of `from`), both in 64 bit; `from` may be of another kind: nothing of their
/// size is allocated.
template <typename Use>
void combine_entries(Vector& to, const Vector& from, const Use& use) {
  VectorBody* const written[] = {&to.body()};
  const VectorBody* const read[] = {&from.body()};
  written[0]->for_each_block(written, read, [&](VectorBody::Blocks out, VectorBody::Blocks in) {
    std::transform(out[0].begin(), out[0].end(), in[0].begin(), out[0].begin(), use);
  });
}

}  // namespace etamax
