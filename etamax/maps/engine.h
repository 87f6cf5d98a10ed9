#pragma once

#include <memory>
#include <span>

#include "etamax/answers/map.h"
#include "etamax/core/progress.h"
#include "etamax/maps/problem.h"

namespace etamax {

/// Finds what becomes of the runs of a map, many at once. It starts no threads and reads no files: whoever wants
/// several threads asks for different pixels in each. Immutable.
class MapEngine {
 public:
  /// `problem` must outlive it. Throws InputError where the optimizer's step cannot be written out.
  explicit MapEngine(const MapProblem& problem, const Progress& progress = {});
  ~MapEngine();
  MapEngine(MapEngine&&) noexcept;
  MapEngine& operator=(MapEngine&&) noexcept;

  /// The pixels of the problem's map with these numbers, j * width + i, in any order: out[k] is that of numbers[k]. A
  /// few thousand in one call keep the lanes busy; single ones cost as much as a whole group. Adds to `cost`.
  /// `progress` is asked now and then, with the share of these pixels that is done.
  /// When it says stop, Interrupted is thrown: `out` then has the pixels that were drawn by then, and no others.
  void compute(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
               const Progress& progress = {}) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace etamax
