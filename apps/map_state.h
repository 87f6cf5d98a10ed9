#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/files/exclusive_file.h"
#include "etamax/maps/network_map.h"

namespace etamax::apps {

/// The pixels of a map of trainings in a file, so that one that was stopped goes on. One process at a time has it; a
/// checksum tells whether it is as it was written.
class MapState {
 public:
  /// `path` "": nothing is kept.
  MapState(std::string path, const NetworkMapOptions& options);

  /// The pixels that the file holds; none where there is no file yet, which is made then. Throws InputError where it is
  /// none of ours, is damaged, or is of another map; EnvironmentError where another process has it.
  std::vector<MapPixel> open();
  /// Throws what replace_file does.
  void save(const std::vector<MapPixel>& pixels);

 private:
  std::string path_, map_;
  std::size_t count_;
  std::optional<ExclusiveFile> file_;
};

}  // namespace etamax::apps
