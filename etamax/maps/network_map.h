#pragma once

#include <span>
#include <string>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/answers/network_replay.h"
#include "etamax/core/progress.h"
#include "etamax/maps/map.h"
#include "etamax/maps/network.h"

namespace etamax {

/// Which trainings a map shows. As it stands: the paper's picture, at the size of the axes.
struct NetworkMapOptions {
  std::string network = "network:tanh:16";  ///< "network:tanh:" and the width, 2 to 64
  long steps = 500;                         ///< of each training: 1 to 1,000,000
  MapAxis x{"lr0", 1e-3, 1e6, true, 512};   ///< "lr0" is the rate of the input weights, "lr1" of the output weights
  MapAxis y{"lr1", 1e-3, 1e6, true, 512};
};

/// Whether an objective's name is meant for maps of trainings: it begins with "network:".
bool is_network_name(const std::string& name);

/// The options understood, and what computes them. Starts no threads, keeps no state, reads no files: whoever wants
/// several threads asks for different pixels in each.
class NetworkMapEngine {
 public:
  /// Throws InputError for a network that it does not know, for an axis that is no rate, has no range or is the other
  /// one's rate, and for steps out of range.
  explicit NetworkMapEngine(const NetworkMapOptions& options);

  /// The map with its setting, and no pixel drawn.
  FateMap described() const;
  /// The pixels with these numbers, j * width + i, in any order: out[k] is that of numbers[k]. Some hundreds in one
  /// call keep the lanes busy. Adds to `cost`. When `progress` says stop, Interrupted is thrown; what was done by then
  /// is drawn in `out`.
  void compute(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
               const Progress& progress = {}) const;
  struct Rates {
    double input, output;
  };
  Rates rates(std::size_t number) const;
  /// The training at two rates, step by step. Its cost lacks the time and the memory.
  NetworkReplay replay(Rates rates) const;
  /// Areas, the best pixel and the answer in sentences, from the pixels that are drawn.
  void conclude(FateMap& map) const;

 private:
  NetworkMapOptions options_;
  NetworkTrainings trainings_;
};

/// As map_of: what becomes of the trainings of all pixels.
FateMap network_map_of(const NetworkMapOptions& options, const MapWorkers& workers = {}, const Progress& progress = {},
                       const MapKeeping& keeping = {});

}  // namespace etamax
