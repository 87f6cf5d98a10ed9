#include "etamax/files/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "etamax/core/error.h"

namespace etamax {
namespace {

/// An open file that is closed in any case.
class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }
  /// A full disk may show only here.
  bool close() { return ::close(std::exchange(file_, -1)) == 0; }

 private:
  int file_;
};

/// A file of which nothing is left unless it is kept.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// After a crash of the machine the new name may otherwise be lost. Not every file system can do it.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() >= 0) ::fsync(file.get());
}

/// Where the file itself is, behind symbolic links.
std::filesystem::path place_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::canonical(path, error);
  return error ? std::filesystem::path(path) : place;
}

/// Whether a system's error is about the path that was given, and not about the state of the machine.
bool is_of_the_name(int error) {
  return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG || error == ELOOP ||
         error == EINVAL;
}

}  // namespace

void replace_file(const std::string& field, const std::string& path, std::string_view content) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(field, path, "a file that can be written",
                     field + ": '" + path + "' cannot be written" + (why.empty() ? "" : ": " + why));
  };
  const auto give_up = [&](int error) {
    if (is_of_the_name(error)) refuse(std::strerror(error));
    throw EnvironmentError("'" + path + "' cannot be written: " + std::strerror(error));
  };
  if (path.empty()) refuse("");
  const std::filesystem::path place = place_of(path);
  const std::filesystem::path folder = place.has_parent_path() ? place.parent_path() : ".";
  struct stat before {};
  const bool there = ::stat(place.c_str(), &before) == 0;
  if (there && !S_ISREG(before.st_mode)) refuse(S_ISDIR(before.st_mode) ? "it is a folder" : "it is no plain file");
  if (there && ::access(place.c_str(), W_OK) != 0) give_up(errno);

  static std::atomic<unsigned> count = 0;
  std::string name;
  int opened = -1;
  do {  // the process's number may be that of a process that crashed
    name = place.string() + "." + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".part";
    opened = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (opened < 0 && errno == EEXIST);
  if (opened < 0) give_up(errno);
  Temporary temporary(name);
  Descriptor file(opened);
  if (there && ::fchmod(file.get(), before.st_mode & 07777) != 0) give_up(errno);
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0 || !file.close()) give_up(errno);
  if (::rename(name.c_str(), place.c_str()) != 0) give_up(errno);
  temporary.keep();
  sync_folder(folder);
}

}  // namespace etamax
