// The lock is on the file's inode, and replacing it brings another one: the new file is locked before it takes the
// place, and whoever has locked a file looks whether it is still the one at that path.
#include "etamax/files/exclusive_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "etamax/core/error.h"
#include "etamax/files/detail_descriptor.h"
#include "etamax/files/detail_replace_file.h"
#include "etamax/files/file_keeper.h"

namespace etamax {

struct ExclusiveFile::Opened {
  WriteTarget target;
  std::string content;
  Descriptor locked;
  bool unfilled = false;  ///< made here, and nothing is in it yet

  Opened(std::string field, std::string path) : target{std::move(field), std::move(path)} {}
  ~Opened();
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  bool open(const std::string& in_use);
  void read(std::size_t most);
  bool is_at_path() const;
};

namespace {

bool lock(int file) {
  if (uninterrupted([&] { return ::flock(file, LOCK_EX | LOCK_NB); }) == 0) return true;
  return errno == ENOSYS || errno == ENOTSUP || errno == ENOLCK;  // a file system without locks
}

/// Another number for an open file, that is not the one of a standard stream: a process that was started without
/// them would write its messages here.
Descriptor beyond_streams(int file) { return Descriptor(::fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)); }

}  // namespace

ExclusiveFile::Opened::~Opened() {
  std::error_code error;
  if (unfilled && is_at_path()) std::filesystem::remove(std::filesystem::canonical(target.path, error), error);
}

bool ExclusiveFile::Opened::is_at_path() const {
  struct stat there {};
  struct stat here {};
  return ::stat(target.path.c_str(), &there) == 0 && ::fstat(locked.get(), &here) == 0 && there.st_dev == here.st_dev &&
         there.st_ino == here.st_ino;
}

/// False where the file has been replaced or removed since: once more then.
bool ExclusiveFile::Opened::open(const std::string& in_use) {
  struct stat status {};
  const bool there = ::stat(target.path.c_str(), &status) == 0;
  if (!there && errno != ENOENT) target.give_up(errno);
  if (there && S_ISDIR(status.st_mode)) target.refuse("it is a folder");
  if (there && !S_ISREG(status.st_mode)) target.refuse("it is no plain file");
  const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | (there ? 0 : O_CREAT);
  locked = Descriptor(uninterrupted([&] { return ::open(target.path.c_str(), flags, 0666); }));
  if (!locked.is_open() && errno == ENOENT && there) return false;
  if (!locked.is_open()) target.give_up(errno);
  if (!lock(locked.get())) {
    if (errno != EWOULDBLOCK) target.give_up(errno);
    throw EnvironmentError("'" + target.path + "': " + in_use);
  }
  unfilled = !there && ::fstat(locked.get(), &status) == 0 && status.st_size == 0;
  if (locked.get() <= STDERR_FILENO) {  // the lock is that of both numbers
    Descriptor higher = beyond_streams(locked.get());
    if (!higher.is_open()) target.give_up(errno);
    locked = std::move(higher);
  }
  return is_at_path();
}

void ExclusiveFile::Opened::read(std::size_t most) {
  constexpr std::size_t kBlock = 1 << 16;
  while (content.size() <= most) {
    const std::size_t before = content.size();
    content.resize(before + kBlock);
    const ssize_t count = uninterrupted([&] { return ::read(locked.get(), content.data() + before, kBlock); });
    const int error = errno;
    content.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0) throw EnvironmentError("'" + target.path + "' cannot be read: " + std::strerror(error));
    if (count == 0) return;
  }
  throw InputError(target.field,
                   "'" + target.path + "' is larger than the " + std::to_string(most) + " bytes that it may have");
}

ExclusiveFile::ExclusiveFile(const std::string& field, const std::string& path, std::size_t most,
                             const std::string& in_use)
    : opened_(std::make_unique<Opened>(field, path)) {
  opened_->target.check_name();
  if (FileKeeper* keeper = file_keeper()) {
    opened_->content = keeper->open_exclusively(field, path, most, in_use);
    return;
  }
  constexpr int kMostAttempts = 1000;  // somebody else would have to put a new file there each time
  for (int attempt = 0; !opened_->open(in_use); ++attempt)
    if (attempt == kMostAttempts) throw EnvironmentError("'" + path + "': " + in_use);
  opened_->read(most);
}

ExclusiveFile::~ExclusiveFile() = default;
ExclusiveFile::ExclusiveFile(ExclusiveFile&&) noexcept = default;
ExclusiveFile& ExclusiveFile::operator=(ExclusiveFile&&) noexcept = default;

const std::string& ExclusiveFile::content() const { return opened_->content; }

void ExclusiveFile::replace(std::string_view content) {
  if (FileKeeper* keeper = file_keeper()) return keeper->replace(opened_->target.field, opened_->target.path, content);
  Descriptor next;
  replace_plain_file(opened_->target, content, [&](int file) {
    next = beyond_streams(file);
    if (!next.is_open() || !lock(next.get())) opened_->target.give_up(errno);
  });
  opened_->locked = std::move(next);
  opened_->unfilled = false;
}

}  // namespace etamax
