#include "etamax/model/memory_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace etamax {
namespace {

/// Half of the largest chunk, a power of two times smaller, at which one product can be made: an analysis holds more
/// than a product, and another process lays out its memory differently. 0 where there is none.
int64_t chunk_that_fits(const Network& network, const Dataset& data, const LossSpec& loss,
                        const ModelObjectiveOptions& tried) {
  for (ModelObjectiveOptions options = tried; options.chunk > 1;) {
    options.chunk = std::min(options.chunk, data.examples()) / 2;
    if (options.chunk < 1) break;
    try {
      ModelObjective f(network, data, loss, options);
      Vector product;
      f.apply(f.random_normal(0), product);
      return std::max<int64_t>(options.chunk / 2, 1);
    } catch (const std::exception& e) {
      if (!out_of_memory(e)) throw;
    }
  }
  return 0;
}

}  // namespace

bool out_of_memory(const std::exception& e) {
  const std::string what = e.what();
  return dynamic_cast<const std::bad_alloc*>(&e) || dynamic_cast<const std::length_error*>(&e) ||
         what.find("not enough memory") != std::string::npos || what.find("bad_alloc") != std::string::npos ||
         what.find("out of memory") != std::string::npos || what.find("can't allocate memory") != std::string::npos;
}

InputError does_not_fit(const Network& network, const Dataset& data, const LossSpec& loss,
                        const ModelObjectiveOptions& tried, const std::string& fewer) {
  const int64_t fits = chunk_that_fits(network, data, loss, tried);
  if (fits == 0) return InputError("model", "memory does not suffice for this model even with `chunk=1`");
  return InputError(fmt::format("memory does not suffice for {} examples at once; `chunk={}` fits (or fewer, `{}={}`)",
                                std::min<int64_t>(tried.chunk, data.examples()), fits, fewer, fits));
}

}  // namespace etamax
