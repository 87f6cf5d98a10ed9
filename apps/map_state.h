#pragma once

#include <string>
#include <vector>

#include "etamax/files/state_file.h"
#include "etamax/maps/network_map.h"

namespace etamax::apps {

/// The pixels of a map of trainings in a file, so that one that was stopped goes on.
class MapState {
 public:
  /// `path` "": nothing is kept.
  MapState(std::string path, const NetworkMapOptions& options);

  /// The pixels that the file holds; none where there is no file yet, which is made then. Throws what StateFile::open
  /// does, and InputError where it is of another map.
  std::vector<MapPixel> open();
  /// Throws what replace_file does.
  void save(const std::vector<MapPixel>& pixels);

 private:
  std::string map_;
  std::size_t count_;
  StateFile file_;
};

}  // namespace etamax::apps
