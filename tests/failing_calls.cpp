// The executable's own definitions of system calls stand before those of the C library.
#undef _FORTIFY_SOURCE  // under which the header defines some of them in line
#include "failing_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

namespace etamax::testing {
namespace {

struct {
  bool armed = false;
  Fault fault = Fault::error;
  int error = 0, left = 0;
} plan;

/// Whether the fault is due in this call.
bool is_due(bool is_write = false) {
  if (!plan.armed || (plan.fault == Fault::short_write && !is_write)) return false;
  return --plan.left == 0;
}

template <typename Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

/// What a call returns that has the fault.
int failed() {
  if (plan.fault == Fault::death) _exit(0);
  errno = plan.fault == Fault::interruption ? EINTR : plan.error;
  return -1;
}

}  // namespace

bool with_fault(Fault fault, int error, int k, const std::function<void()>& work) {
  plan = {true, fault, error, k};
  try {
    work();
  } catch (...) {
    plan.armed = false;
    throw;
  }
  plan.armed = false;
  return plan.left <= 0;
}

}  // namespace etamax::testing

using namespace etamax::testing;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return is_due() ? failed() : real<int(const char*, int, ...)>("open")(path, flags, mode);
}

ssize_t read(int file, void* data, size_t size) {
  return is_due() ? failed() : real<ssize_t(int, void*, size_t)>("read")(file, data, size);
}

ssize_t write(int file, const void* data, size_t size) {
  const bool due = is_due(true);
  if (due && plan.fault != Fault::death && plan.fault != Fault::short_write) return failed();
  const ssize_t written = real<ssize_t(int, const void*, size_t)>("write")(file, data, due ? (size + 1) / 2 : size);
  return due && plan.fault == Fault::death ? failed() : written;
}

int close(int file) {
  const bool due = is_due();
  const int result = real<int(int)>("close")(file);  // an error does not keep it open
  return due ? failed() : result;
}

int fsync(int file) { return is_due() ? failed() : real<int(int)>("fsync")(file); }
int flock(int file, int how) { return is_due() ? failed() : real<int(int, int)>("flock")(file, how); }
int fchmod(int file, mode_t mode) { return is_due() ? failed() : real<int(int, mode_t)>("fchmod")(file, mode); }
int fchown(int file, uid_t user, gid_t group) {
  return is_due() ? failed() : real<int(int, uid_t, gid_t)>("fchown")(file, user, group);
}
int fsetxattr(int file, const char* name, const void* value, size_t size, int flags) {
  return is_due() ? failed()
                  : real<int(int, const char*, const void*, size_t, int)>("fsetxattr")(file, name, value, size, flags);
}
int fremovexattr(int file, const char* name) {
  return is_due() ? failed() : real<int(int, const char*)>("fremovexattr")(file, name);
}
int rename(const char* from, const char* to) {
  return is_due() ? failed() : real<int(const char*, const char*)>("rename")(from, to);
}
int unlink(const char* path) { return is_due() ? failed() : real<int(const char*)>("unlink")(path); }

}  // extern "C"
