#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace etamax {

/// A file that one process at a time reads and replaces, and keeps from all others for as long as this object lives.
/// No second file is left beside it, and a process that was killed keeps nobody out. Where a file system has no locks,
/// it is not kept from anybody.
class ExclusiveFile {
 public:
  /// The file at `path`, made where there is none. Throws InputError for the option `field` where that is no plain
  /// file, or holds more than `most` bytes, EnvironmentError where it cannot be opened for writing, or where another
  /// process has it: then with the words `in_use`.
  ExclusiveFile(const std::string& field, const std::string& path, std::size_t most, const std::string& in_use);
  ~ExclusiveFile();
  ExclusiveFile(ExclusiveFile&&) noexcept;
  ExclusiveFile& operator=(ExclusiveFile&&) noexcept;

  /// What it held when it was opened; "" for a new one.
  const std::string& content() const;
  /// As replace_file, and throws what that does. A file that was made here, and could never be filled, is removed.
  void replace(std::string_view content);

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

}  // namespace etamax
