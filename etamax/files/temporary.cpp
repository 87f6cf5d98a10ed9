#include <fcntl.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <csignal>
#include <string>

#include "etamax/files/detail_temporary.h"
#include "etamax/files/replace_file.h"

namespace etamax {
namespace {

/// What a signal's handler may read: no allocation, no lock.
std::atomic<bool> taken = false, unfinished = false;
char unfinished_path[PATH_MAX];
static_assert(std::atomic<bool>::is_always_lock_free);

/// While it lives, this thread gets no signals.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Temporary::Temporary(const std::filesystem::path& folder, mode_t mode) {
  static std::atomic<unsigned> count = 0;
  const SignalsHeldBack until_registered;
  int opened = -1;
  do {  // the process's number may be that of a process that crashed, or of one in another container
    path_ = folder / (".etamax-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".part");
    opened = uninterrupted([&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
  } while (opened < 0 && errno == EEXIST);
  file = Descriptor(opened);
  if (!file.is_open()) path_.clear();
  const std::string& name = path_.native();
  if (name.empty() || name.size() >= sizeof unfinished_path || taken.exchange(true)) return;
  registered_ = true;
  *std::copy(name.begin(), name.end(), unfinished_path) = '\0';
  unfinished = true;
}

Temporary::~Temporary() {
  file.close();
  if (!path_.empty()) ::unlink(path_.c_str());
  forget();
}

bool Temporary::take_place_of(const std::filesystem::path& place) {
  if (uninterrupted([&] { return ::rename(path_.c_str(), place.c_str()); }) != 0) return false;
  forget();
  return true;
}

void Temporary::forget() {
  path_.clear();
  if (!std::exchange(registered_, false)) return;
  unfinished = false;
  taken = false;
}

void unlink_unfinished() {
  const int before = errno;
  if (unfinished) ::unlink(unfinished_path);
  errno = before;
}

}  // namespace etamax
