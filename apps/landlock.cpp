// https://docs.kernel.org/userspace-api/landlock.html
#include "landlock.h"

#if defined(__linux__) && __has_include(<linux/landlock.h>)
#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>

namespace etamax::apps {
namespace {

namespace fs = std::filesystem;

/// What a kernel may know, whatever headers this is compiled with.
struct Ruleset {
  std::uint64_t files, network, scopes;
};
constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE, kReadFolder = LANDLOCK_ACCESS_FS_READ_DIR;

/// All that this version of the interface can take away; the size is that of the structure as it knows it.
std::pair<Ruleset, std::size_t> everything(long version) {
  constexpr std::uint64_t kFirst = (1 << 13) - 1, kRefer = 1 << 13, kTruncate = 1 << 14, kDevices = 1 << 15;
  constexpr std::uint64_t kTcp = 3, kAbstractSocketsAndSignals = 3;
  Ruleset rights{kFirst, 0, 0};
  if (version >= 2) rights.files |= kRefer;
  if (version >= 3) rights.files |= kTruncate;
  if (version >= 4) rights.network = kTcp;
  if (version >= 5) rights.files |= kDevices;
  if (version >= 6) rights.scopes = kAbstractSocketsAndSignals;
  return {rights, version >= 6 ? sizeof(Ruleset) : version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t)};
}

/// What is not there, or needs no leave (a pipe), is left out: whoever opens it says so.
void allow_reading(int ruleset, const std::string& path) {
  const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  struct stat found {};
  if (place >= 0 && ::fstat(place, &found) == 0) {
    landlock_path_beneath_attr rule{};
    rule.allowed_access = S_ISDIR(found.st_mode) ? kReadFile | kReadFolder : kReadFile;
    rule.parent_fd = place;
    ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  if (place >= 0) ::close(place);
}

/// A folder of data may lead to others by symbolic links: a class, or each of its images.
std::vector<std::string> links_in(const std::string& folder) {
  constexpr int kDeepest = 1;
  std::vector<std::string> links;
  std::error_code error;
  auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_symlink(error)) links.push_back(at->path().string());
    if (at.depth() >= kDeepest) at.disable_recursion_pending();
  }
  return links;
}

/// What LibTorch, BLAS, OpenMP and the libraries of pictures open while they work: libraries, fonts, the processor's
/// layout.
std::vector<std::string> of_the_system() {
  std::vector<std::string> paths = {"/usr",
                                    "/lib",
                                    "/lib64",
                                    "/etc/ld.so.cache",
                                    "/etc/fonts",
                                    "/etc/localtime",
                                    "/etc/locale.alias",
                                    "/var/cache/fontconfig",
                                    "/sys/devices/system",
                                    "/sys/fs/cgroup",
                                    "/proc/cpuinfo",
                                    "/proc/meminfo",
                                    "/proc/stat",
                                    "/proc/self/status",
                                    "/proc/self/maps",
                                    "/proc/self/cgroup",
                                    "/proc/self/mountinfo",
                                    "/dev/null",
                                    "/dev/urandom"};
  if (const char* home = std::getenv("HOME"))
    for (const char* fonts : {"/.fonts", "/.local/share/fonts", "/.config/fontconfig", "/.cache/fontconfig"})
      paths.push_back(std::string(home) + fonts);
  const auto add_folder = [](dl_phdr_info* library, std::size_t, void* list) {
    const fs::path folder = fs::path(library->dlpi_name).parent_path();
    if (!folder.empty()) static_cast<std::vector<std::string>*>(list)->push_back(folder.string());
    return 0;
  };
  ::dl_iterate_phdr(add_folder, &paths);
  return paths;
}

}  // namespace

bool confine_files(const std::vector<std::string>& readable) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  const auto [rights, size] = everything(version);
  const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rights, size, 0));
  if (ruleset < 0) return false;
  for (const std::string& path : of_the_system()) allow_reading(ruleset, path);
  for (const std::string& path : readable) {
    allow_reading(ruleset, path);
    for (const std::string& link : links_in(path)) allow_reading(ruleset, link);
  }
  const bool done =
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(ruleset);
  return done;
}

}  // namespace etamax::apps
#else
namespace etamax::apps {
bool confine_files(const std::vector<std::string>&) { return false; }
}  // namespace etamax::apps
#endif
