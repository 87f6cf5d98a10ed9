#pragma once

#include <string>
#include <vector>

#include "etamax/core/stopwatch.h"
#include "etamax/files/state_file.h"
#include "etamax/maps/network_map.h"

namespace etamax::apps {

/// The pixels of a map in a file, so that one that was stopped goes on.
class MapState {
 public:
  /// `path` "": nothing is kept. `told`: as of StateFile.
  MapState(std::string path, const MapProblem& problem, FileFault told);
  MapState(std::string path, const NetworkMapOptions& options, FileFault told);

  /// The pixels that the file holds, and what keeps more of them every now and then, as long as this state lives. There
  /// are none where there is no file yet, which is made then. Throws what StateFile::open does, and InputError where it
  /// is of another map.
  MapKeeping open();
  /// Throws what StateFile::save does.
  void save(const std::vector<MapPixel>& pixels);

 private:
  MapState(std::string path, std::string map, const MapAxis& x, const MapAxis& y, FileFault told);
  std::vector<MapPixel> read();

  std::string map_;
  std::size_t count_;
  StateFile file_;
  Stopwatch since_save_;
};

}  // namespace etamax::apps
