#include "etamax/files/replace_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"
#include "etamax/files/detail_attributes.h"
#include "etamax/files/detail_replace_file.h"
#include "etamax/files/detail_temporary.h"
#include "etamax/files/file_keeper.h"
#include "etamax/files/input_file.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;

/// While it lives, what a write is otherwise answered with by a signal (no reader, no room under a limit) is an error.
class WritesWithoutSignals {
 public:
  WritesWithoutSignals() {
    sigpending(&pending_before_);
    sigset_t mine;
    sigemptyset(&mine);
    for (const int signal : kSignals) sigaddset(&mine, signal);
    pthread_sigmask(SIG_BLOCK, &mine, &mask_before_);
  }
  ~WritesWithoutSignals() {
    const int error = errno;
    sigset_t pending;
    sigpending(&pending);
    for (const int signal : kSignals) {
      if (!sigismember(&pending, signal) || sigismember(&pending_before_, signal)) continue;
      sigset_t one;
      sigemptyset(&one);
      sigaddset(&one, signal);
      int taken = 0;
      sigwait(&one, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    errno = error;
  }
  WritesWithoutSignals(const WritesWithoutSignals&) = delete;
  WritesWithoutSignals& operator=(const WritesWithoutSignals&) = delete;

 private:
  static constexpr int kSignals[] = {SIGPIPE, SIGXFSZ};
  sigset_t pending_before_, mask_before_;
};

/// False, with errno, where not all is written. `goes_on` is asked where a signal has broken a write off.
bool write_all(int file, std::string_view content, const std::function<bool()>& goes_on) {
  const WritesWithoutSignals guard;
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR && goes_on()) continue;
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

fs::path folder_of(const fs::path& place) { return place.has_parent_path() ? place.parent_path() : "."; }

/// Where the file itself is or will be, behind symbolic links, which end at one of /proc: that is no name.
fs::path behind_links(fs::path place, std::error_code& error) {
  constexpr int kMostLinks = 40;  // as Linux has it
  for (int links = 0; fs::is_symlink(fs::symlink_status(place, error)); ++links) {
    if (links == kMostLinks) error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    const fs::path folder = fs::canonical(folder_of(place), error);
    if (folder.native().starts_with("/proc/")) return folder / place.filename();
    const fs::path next = fs::read_symlink(place, error);
    if (error || links == kMostLinks) return place;
    place = place.parent_path() / next;
  }
  error.clear();
  return place;
}

/// The one name that all of a file's have in common, whether or not it is there yet.
fs::path canonical_place(const std::string& path) {
  std::error_code error;
  return fs::weakly_canonical(fs::absolute(behind_links(path, error), error), error);
}

fs::path place_of(const WriteTarget& target) {
  std::error_code error;
  fs::path place = behind_links(target.path, error);
  if (error) target.give_up(error.value());
  return place;
}

bool is_in_proc(const fs::path& place) { return place.native().starts_with("/proc/"); }

std::optional<struct stat> status_of(const WriteTarget& target) {
  target.check_name();
  struct stat status {};
  if (::stat(target.path.c_str(), &status) == 0) return status;
  if (errno != ENOENT || target.path.empty()) target.give_up(errno);  // "" would become a file in the working folder
  return std::nullopt;
}

/// Which file of this process that name of /proc is.
std::optional<int> open_already(const fs::path& place) {
  if (place.parent_path() != "/proc/" + std::to_string(::getpid()) + "/fd") return std::nullopt;
  return std::atoi(place.filename().c_str());
}

/// A file of this process is written to where it stands, as its other writers are.
int open_for_writing(const fs::path& place) {
  if (const auto file = open_already(place)) return ::fcntl(*file, F_DUPFD_CLOEXEC, 0);
  return ::open(place.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
}

void write_to_open_file(const WriteTarget& target, const fs::path& place, std::string_view content) {
  constexpr double kPatience = 1;  // seconds
  const Patience with_reader(interruption_asked(), kPatience);
  const auto goes_on = [&] { return !with_reader.is_over(); };
  int opened = open_for_writing(place);
  while (opened < 0 && errno == EINTR && goes_on()) opened = open_for_writing(place);
  Descriptor file(opened);
  if (file.is_open() && write_all(file.get(), content, goes_on) && file.close()) return;
  if (errno == EINTR) throw Interrupted();
  target.give_up(errno);
}

constexpr const char* kOwnerNotKept = "its owner and group cannot be kept: ";

/// The new file is whose the old one at `place` was, with its permissions and what else it had. In this order: who has
/// given a file away may do less with it, and a list's mask is among the permissions.
void keep_what_it_had(const WriteTarget& target, int file, const fs::path& place, const struct stat& before) {
  copy_attributes(target, place, file);
  struct stat made {};
  if (::fstat(file, &made) != 0) target.give_up(errno);
  const bool same = made.st_uid == before.st_uid && made.st_gid == before.st_gid;
  if (!same && uninterrupted([&] { return ::fchown(file, before.st_uid, before.st_gid); }) != 0)
    target.give_up(errno, kOwnerNotKept);
  copy_access_list(target, place, file);
  if (uninterrupted([&] { return ::fchmod(file, before.st_mode & 07777); }) != 0) target.give_up(errno);
}

/// After a crash of the machine the new name may otherwise be lost. Not every file system can do it, nor may every
/// user open the folder.
void sync_folder(const WriteTarget& target, const fs::path& folder) {
  const auto unsafe = [&](int error) {
    throw EnvironmentError("'" + target.path +
                           "' is written, but not safe from a crash of the machine: " + std::strerror(error));
  };
  const Descriptor file(uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!file.is_open() && errno != EACCES) unsafe(errno);
  if (!file.is_open() || uninterrupted([&] { return ::fsync(file.get()); }) == 0) return;
  if (errno != EINVAL && errno != ENOTSUP && errno != ENOSYS) unsafe(errno);
}

void check_takes_bytes(const WriteTarget& target, const fs::path& place) {
  const auto file = open_already(place);
  if (file && (::fcntl(*file, F_GETFL) & O_ACCMODE) == O_RDONLY)
    target.refuse("it is closed, or open for reading only");
  if (!file && ::access(place.c_str(), W_OK) != 0) target.give_up(errno);
}

/// Whether a file system, or a file of one, is mounted at that very place: nothing can be renamed to there.
bool is_mounted(const fs::path& place) {
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx status {};
  return ::statx(AT_FDCWD, place.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
         (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#else
  return false;
#endif
}

void check_replaced(const WriteTarget& target, const fs::path& place, const std::optional<struct stat>& before) {
  if (before && S_ISDIR(before->st_mode)) target.refuse("it is a folder");
  if (before && !S_ISREG(before->st_mode)) target.refuse("it is no plain file");
  if (before && ::access(place.c_str(), W_OK) != 0) target.give_up(errno);
  if (before && is_mounted(place)) target.refuse("it is mounted there by itself, and it is only replaced as a whole");
}

bool takes_bytes(const fs::path& place, const std::optional<struct stat>& before) {
  return before && (S_ISFIFO(before->st_mode) || S_ISCHR(before->st_mode) || is_in_proc(place));
}

/// Whether this process has the capability CAP_CHOWN, https://man7.org/linux/man-pages/man2/capget.2.html
bool may_give_away() {
  struct {
    std::uint32_t version = 0x20080522;
    int process = 0;  // this one
  } which;
  struct {
    std::uint32_t effective, permitted, inheritable;
  } may[2] = {};
  return ::syscall(SYS_capget, &which, may) != 0 || (may[0].effective & 1) != 0;
}

/// Whether a new file in that folder can become whose the old one was. True where that is not known.
bool can_keep_owner(const struct stat& before, const struct stat& folder) {
  if (may_give_away()) return true;
  if (before.st_uid != ::geteuid()) return false;
  if (before.st_gid == ::getegid() || before.st_gid == folder.st_gid) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  if (::getgroups(static_cast<int>(groups.size()), groups.data()) < 0) return true;
  return std::find(groups.begin(), groups.end(), before.st_gid) != groups.end();
}

constexpr const char* kOnlyWhole = "its folder takes no new file, and it is only replaced as a whole: ";

void replace_at(const WriteTarget& target, const fs::path& place, const std::optional<struct stat>& before,
                std::string_view content, const std::function<void(int)>& before_rename) {
  check_replaced(target, place, before);

  // Nobody may read in it before it has the permissions of the file that it replaces.
  const fs::path folder = folder_of(place);  // here: where memory ends after the renaming, it could not be said
  Temporary temporary(folder, before ? 0600 : 0666);
  Descriptor& file = temporary.file;
  if (!file.is_open()) target.give_up(errno, before ? kOnlyWhole : "");
  if (!write_all(file.get(), content, [] { return true; })) target.give_up(errno);
  if (before) keep_what_it_had(target, file.get(), place, *before);
  if (uninterrupted([&] { return ::fsync(file.get()); }) != 0) target.give_up(errno);
  if (before_rename) before_rename(file.get());
  if (!file.close()) target.give_up(errno);
  if (!temporary.take_place_of(place)) target.give_up(errno);
  sync_folder(target, folder);
}

}  // namespace

void WriteTarget::check_name() const {
  try {
    check_file_name(path);
  } catch (const InputError& e) {
    throw InputError(field, e.what());
  }
}

void WriteTarget::refuse(const std::string& why) const {
  throw InputError(field, path, "a file that can be written", field + ": '" + path + "' cannot be written: " + why);
}

void WriteTarget::give_up(int error, const std::string& what) const {
  const std::string why = what + std::strerror(error);
  for (const int of_the_name : {ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP, EINVAL})
    if (error == of_the_name) refuse(why);
  throw EnvironmentError("'" + path + "' cannot be written: " + why);
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  return !a.empty() && !b.empty() && canonical_place(a) == canonical_place(b);
}

bool is_file_of(const std::string& folder, const std::string& path) {
  std::error_code error;
  if (path.empty()) return false;
  if (fs::equivalent(canonical_place(path).parent_path(), folder, error)) return true;
  if (!fs::exists(path, error)) return false;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))  // links to files elsewhere
    if (fs::equivalent(entry.path(), path, error)) return true;
  return false;
}

void replace_plain_file(const WriteTarget& target, std::string_view content,
                        const std::function<void(int)>& before_rename) {
  const auto before = status_of(target);
  const fs::path place = place_of(target);
  if (is_in_proc(place)) target.refuse("it is no plain file");
  replace_at(target, place, before, content, before_rename);
}

void check_replaceable(const std::string& field, const std::string& path) {
  const WriteTarget target{field, path};
  const auto before = status_of(target);
  const fs::path place = place_of(target);
  if (takes_bytes(place, before)) return check_takes_bytes(target, place);
  check_replaced(target, place, before);
  const fs::path folder = folder_of(place);
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 && errno != ENOENT) target.give_up(errno);
  if (!S_ISDIR(status.st_mode) || status.st_nlink == 0)  // a working folder that was deleted has no links
    target.refuse("there is no folder '" + folder.string() + "'");
  if (!place.has_filename()) target.refuse("it is no name of a file");
  // Not every folder that may be written in takes files, as those of /proc. A process with a keeper makes none.
  if (!file_keeper() && !Temporary(folder, 0600).file.is_open()) target.give_up(errno, before ? kOnlyWhole : "");
  if (before && !can_keep_owner(*before, status)) target.give_up(EPERM, kOwnerNotKept);
}

void replace_file(const std::string& field, const std::string& path, std::string_view content) {
  if (FileKeeper* keeper = file_keeper()) return keeper->replace(field, path, content);
  const WriteTarget target{field, path};
  const auto before = status_of(target);
  const fs::path place = place_of(target);
  if (takes_bytes(place, before))
    write_to_open_file(target, place, content);
  else
    replace_at(target, place, before, content, {});
}

}  // namespace etamax
