#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

/// System calls on open files, for the sources of this folder.
namespace etamax {

/// An open file that is closed in any case.
class Descriptor {
 public:
  explicit Descriptor(int file = -1) : file_(file) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }

  int get() const { return file_; }
  bool is_open() const { return file_ >= 0; }
  /// A full disk may show only here. Where a signal comes between, the file is closed all the same.
  bool close() { return file_ < 0 || ::close(std::exchange(file_, -1)) == 0 || errno == EINTR; }

 private:
  int file_;
};

/// A system call, made again where a signal came between.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace etamax
