#include "etamax/files/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/interruption.h"

namespace etamax {

void check_file_name(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    throw InputError("'" + one_line(path) + "' names no file: it holds a byte of value 0");
}

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  check_file_name(path_);
  std::error_code error;
  if (std::filesystem::is_directory(path_, error)) throw InputError(path_ + ": is a folder, not a file");
  file_ = interruptible_call([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC); });
  if (file_ < 0) throw InputError(path_ + ": cannot be read: " + std::strerror(errno));
}

InputFile::~InputFile() {
  if (file_ >= 0) ::close(file_);
}

std::size_t InputFile::read(char* to, std::size_t room) {
  const ssize_t count = interruptible_call([&] { return ::read(file_, to, room); });
  if (count < 0) throw InputError(path_ + ": cannot be read: " + std::strerror(errno));
  return static_cast<std::size_t>(count);
}

}  // namespace etamax
