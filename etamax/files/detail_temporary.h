#pragma once

#include <sys/types.h>

#include <filesystem>

#include "etamax/files/detail_descriptor.h"

namespace etamax {

/// A new file of which nothing is left unless it takes the place of another one: unlink_unfinished() and the
/// destructor remove it. Its name, `.etamax-PROCESS-NUMBER.part`, is one that nothing in its folder has.
class Temporary {
 public:
  /// In that folder, with that mode less the process's mask. Where it cannot be made, `file` is not open, and errno
  /// says why.
  Temporary(const std::filesystem::path& folder, mode_t mode);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  /// Renames it. Returns false, and sets errno, where that is not done.
  bool take_place_of(const std::filesystem::path& place);

  Descriptor file;

 private:
  void forget();

  std::filesystem::path path_;
  bool registered_ = false;
};

}  // namespace etamax
