#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace etamax {

/// Who replaces files and keeps them from others for a process that has no right to.
class FileKeeper {
 public:
  virtual ~FileKeeper() = default;
  /// What replace_file does, or ExclusiveFile::replace with a file that was opened.
  virtual void replace(const std::string& field, const std::string& path, std::string_view content) = 0;
  /// What the constructor of ExclusiveFile does; returns the content. The file is kept until the process ends.
  virtual std::string open_exclusively(const std::string& field, const std::string& path, std::size_t most,
                                       const std::string& in_use) = 0;
};

/// From now on replace_file and ExclusiveFile ask `keeper`; null: they do it themselves, as they do from the start.
void set_file_keeper(std::unique_ptr<FileKeeper> keeper);
FileKeeper* file_keeper();

}  // namespace etamax
