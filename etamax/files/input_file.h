#pragma once

#include <cstddef>
#include <string>

namespace etamax {

/// Throws InputError for a name that holds a byte of value 0: the system would take what stands before it for the name.
void check_file_name(const std::string& path);

/// A file, pipe or device, read from its beginning. A wait, for a pipe's writer too, ends with Interrupted once the
/// user has asked to stop.
class InputFile {
 public:
  /// Throws InputError where there is no such file, or it is a folder or may not be read.
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Fills up to `room` bytes and returns how many; 0 at the end. Throws InputError.
  std::size_t read(char* to, std::size_t room);

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace etamax
