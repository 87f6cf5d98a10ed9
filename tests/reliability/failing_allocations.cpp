#include "failing_allocations.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

namespace {

long allocations = 0, failing_at = 0;  // counted from 1 while armed; 0: none fails
bool armed = false, all_after = false;

bool fails() {
  if (!armed) return false;
  ++allocations;
  return failing_at > 0 && (allocations == failing_at || (all_after && allocations > failing_at));
}

}  // namespace

extern "C" void* __real_malloc(std::size_t size);  // the linker's names for what --wrap=malloc puts in another's place
extern "C" void* __wrap_malloc(std::size_t size) { return fails() ? nullptr : __real_malloc(size); }

namespace {

void* allocated(std::size_t size, std::size_t alignment = 0) {
  if (fails()) return nullptr;
  if (alignment > alignof(std::max_align_t))
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  return __real_malloc(size == 0 ? 1 : size);
}
void* or_throw(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t n) { return or_throw(allocated(n)); }
void* operator new[](std::size_t n) { return or_throw(allocated(n)); }
void* operator new(std::size_t n, std::align_val_t a) { return or_throw(allocated(n, static_cast<std::size_t>(a))); }
void* operator new[](std::size_t n, std::align_val_t a) { return or_throw(allocated(n, static_cast<std::size_t>(a))); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return allocated(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return allocated(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }

namespace etamax::testing {
namespace {

std::string with_failures(const AnyRun& run) {
  return run([](const std::function<void()>& part) {
    struct Disarmed {
      ~Disarmed() { armed = false; }
    } const disarmed;
    armed = true;
    part();
  });
}

/// What a process of its own writes, and how it ends.
std::string from_child(const std::function<std::string()>& call, int& status) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    close(ends[0]);
    const std::string said = call();
    const bool whole = write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(whole ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char part[4096];
  for (ssize_t count; (count = read(ends[0], part, sizeof part)) > 0;)
    said.append(part, static_cast<std::size_t>(count));
  close(ends[0]);
  waitpid(child, &status, 0);
  return said;
}

constexpr int kTerminated = 42;

[[noreturn]] void on_terminate() {
  armed = false;
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    _exit(kTerminated);
  } catch (...) {
  }
  std::abort();
}

}  // namespace

long allocations_of(const AnyRun& run) {
  int status = 0;
  const std::string count = from_child(
      [&] {
        with_failures(run);
        return std::to_string(allocations);
      },
      status);
  return status == 0 ? std::stol(count) : -1;
}

Outcome outcome_of(const AnyRun& run, Failing failing, long k, std::string& why) {
  const std::string kAnswered = "answered", kNone = "none";
  int status = 0;
  why = from_child(
      [&]() -> std::string {
        std::set_terminate(on_terminate);
        allocations = 0, failing_at = k, all_after = failing == Failing::from_then_on;
        std::string answer, after;
        bool none = false;
        try {
          answer = with_failures(run);
        } catch (const std::bad_alloc&) {
          none = true;
        } catch (const std::exception& e) {
          return std::string("threw: ") + e.what();
        }
        failing_at = 0;
        try {
          after = run([](const std::function<void()>& part) { part(); });
        } catch (const std::exception& e) {
          return std::string("afterwards threw: ") + e.what();
        }
        if (!none && answer != after)
          return "another answer: " + answer.substr(0, 500) + "\ninstead of: " + after.substr(0, 500);
        return none ? kNone : kAnswered;
      },
      status);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kTerminated) return Outcome::terminated;
  if (status != 0) why = "ended with status " + std::to_string(status) + "; " + why;
  return status != 0        ? Outcome::wrong
         : why == kAnswered ? Outcome::answered
         : why == kNone     ? Outcome::out_of_memory
                            : Outcome::wrong;
}

}  // namespace etamax::testing
