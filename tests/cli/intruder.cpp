// What native code in a confined process may do, in place of a matrix product: INTRUDER says what. A library that
// model_trust_test.sh puts before BLAS.
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace {

void write_everywhere(std::string_view text) {
  for (int file = 0; file < 100; ++file) {
    [[maybe_unused]] const ssize_t ignored = write(file, text.data(), text.size());
  }
}

void intrude() {
  const char* const set = std::getenv("INTRUDER");
  if (!set) return;
  const std::string_view what = set;
  if (what.starts_with("exit ")) _exit(std::atoi(set + 5));
  if (what == "orders") write_everywhere("\033]0;pwn\a");
  if (what == "pretends") write_everywhere("0");
  if (what == "ignores") {
    for (int number = 1; number < 65; ++number) std::signal(number, SIG_IGN);
    while (true) pause();
  }
  _exit(0);
}

}  // namespace

extern "C" void sgemm_(char*, char*, int*, int*, int*, float*, float*, int*, float*, int*, float*, float*, int*) {
  intrude();
}
