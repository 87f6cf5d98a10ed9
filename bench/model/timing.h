#pragma once

// What the benchmarks of networks have in common: their data, and how they time and print.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "etamax/model/data.h"

namespace etamax::bench {

inline Dataset digits() {
  Dataset data = load_data("digits");
  standardize(data);
  return data;
}

/// The digits' 64 pixels as text of 17 letters, of which the next is to be told.
inline Dataset text(int64_t examples) {
  Dataset data = load_data("digits");
  const torch::Tensor pixels = (16 * data.inputs.slice(0, 0, examples)).round();
  data.inputs = pixels.slice(1, 0, 63).contiguous();
  data.targets = pixels.slice(1, 1, 64).contiguous();
  return data;
}

struct Seconds {
  double wall = 0, processor = 0;
};

template <typename Work>
Seconds time_of(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC};
}

inline double median(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2), x.end());
  return x[x.size() / 2];
}

inline void print(const std::string& name, double wall, double processor, const std::string& unit) {
  fmt::print("{},{:.4g},{:.4g},{}\n", name, wall, processor, unit);
  std::fflush(stdout);
}

}  // namespace etamax::bench
