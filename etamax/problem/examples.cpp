#include "etamax/problem/examples.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace etamax {

Rows ExampleSet::shuffled(std::uint64_t seed) const {
  Rows rows(static_cast<std::size_t>(count()));
  std::iota(rows.begin(), rows.end(), 0);
  std::mt19937_64 random(seed);
  // Written out: std::shuffle's order is the library's own.
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random() % i]);
  return rows;
}

Rows ExampleSet::sample(std::int64_t wanted, std::uint64_t seed) const {
  Rows rows;
  if (wanted <= 0 || wanted >= count()) {
    rows.resize(static_cast<std::size_t>(count()));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }
  rows = shuffled(seed);
  rows.resize(static_cast<std::size_t>(wanted));
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace etamax
