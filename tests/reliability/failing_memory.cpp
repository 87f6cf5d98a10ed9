// To be preloaded: the allocation of number FAILING_ALLOCATION fails, and with FAILING_ALLOCATION_ON=1 all that come
// after it. They are counted from when the program catches SIGALRM, as ours do once they can say what is wrong: what
// the loader and the libraries do before is none of theirs. How many there were is written to the file
// FAILING_ALLOCATION_COUNT at the end.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

extern "C" {
// The C library's own, by the names that it has for whoever takes the place of the others.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
int __sigaction(int number, const struct sigaction* action, struct sigaction* before);
}

namespace {

std::atomic<long> allocations = 0;
std::atomic<bool> counting = false;
long failing_at = 0;
bool all_after = false;

void begin() {
  if (counting.exchange(true)) return;
  const char *at = getenv("FAILING_ALLOCATION"), *on = getenv("FAILING_ALLOCATION_ON");
  failing_at = at != nullptr ? atol(at) : 0;
  all_after = on != nullptr && *on == '1';
}

bool fails() {
  if (!counting) return false;
  const long number = ++allocations;
  const bool failing = failing_at > 0 && (number == failing_at || (all_after && number > failing_at));
  if (failing) errno = ENOMEM;
  return failing;
}

__attribute__((destructor)) void tell() {
  const char* path = getenv("FAILING_ALLOCATION_COUNT");
  if (path == nullptr || !counting) return;
  counting = false;
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  dprintf(file, "%ld\n", allocations.load());
  close(file);
}

}  // namespace

extern "C" {

int sigaction(int number, const struct sigaction* action, struct sigaction* before) noexcept {
  if (number == SIGALRM && action != nullptr) begin();
  return __sigaction(number, action, before);
}

void* malloc(size_t size) noexcept { return fails() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) noexcept { return fails() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* memory, size_t size) noexcept { return fails() ? nullptr : __libc_realloc(memory, size); }
void* memalign(size_t alignment, size_t size) noexcept { return fails() ? nullptr : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) noexcept { return memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  void* const found = memalign(alignment, size);
  if (found == nullptr) return ENOMEM;
  *memory = found;
  return 0;
}
}
