#pragma once

#include <atomic>
#include <cstddef>

#include "etamax/maps/map.h"
#include "status.h"

namespace etamax::apps {

/// Threads that compute the pixels of a map, each a part at a time; the one that made them tells how far they are, and
/// asks them to stop after Ctrl-C.
class Workers {
 public:
  /// `threads`: 0 takes one for each core. `part`: so many pixels are computed at once.
  Workers(int threads, Status& status, std::size_t part = 4096);
  /// For map_of; both are good for one call.
  MapWorkers workers();
  Progress progress();

 private:
  void run(std::size_t count, const MapPart& compute);
  int threads_;
  Status& status_;
  std::size_t part_;
  std::atomic<bool> stop_ = false;
  std::atomic<double> done_ = 0;
};

}  // namespace etamax::apps
