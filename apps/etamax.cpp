// The program etamax. Commands that need tensors belong to a second one, etamax-model, which runs in its place: the
// tensor library takes 0.7 s to load.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "arguments.h"
#include "beside.h"
#include "etamax/core/error.h"
#include "messages.h"
#include "program.h"
#include "signals.h"
#include "stack.h"
#include "verbs.h"

namespace {

std::string without_tensors = "without LibTorch";

/// Whether OpenMP takes it: a number of threads, and others for nested levels behind commas.
bool is_thread_count(const char* text) {
  char* end = nullptr;
  const long count = std::strtol(text, &end, 10);
  return end != text && count > 0 && count < 100'000 && (*end == '\0' || *end == ',');
}

/// Whether LibTorch's libraries find the addresses, and the memory among them, that they ask for before the first line
/// of etamax-model runs. Where not, one of them is not mapped, another ends the program by a signal, and OpenBLAS waits
/// for ever: measured with LibTorch 1.13 and 2.6, of which nothing could be done with less.
bool room_for_tensor_libraries() {
  constexpr std::size_t kAddresses = std::size_t{600} << 20, kMemory = std::size_t{192} << 20;
  void* const addresses = mmap(nullptr, kAddresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (addresses == MAP_FAILED) return false;
  munmap(addresses, kAddresses);
  void* const memory = mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, kMemory);
  return true;
}

/// Whether as many files may be opened as are open at once while a model runs in a process of its own: LibTorch's
/// library for processors prints where it cannot read of them.
bool room_for_files() {
  constexpr int kFiles = 3;
  std::array<int, kFiles> files{};
  for (int& file : files) file = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  for (const int file : files)
    if (file >= 0) close(file);
  return std::none_of(files.begin(), files.end(), [](int file) { return file < 0; });
}

/// Becomes etamax-model. Returns only where it cannot be run, with the reason.
std::string become_etamax_model(char** argv) {
  try {
    etamax::apps::take_stack();  // the loader of its libraries needs some, too
  } catch (const etamax::EnvironmentError& e) {
    return e.what();
  }
  if (!room_for_tensor_libraries()) return "there is no memory for LibTorch; raise the limit (ulimit -v or -d)";
  if (!room_for_files()) return "too few files may be open for LibTorch; raise the limit (ulimit -n)";
  // Threads that spin while they wait take the processor from those that work.
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  // Its other threads would ask for memory before anybody could see whether there is any.
  setenv("OPENBLAS_NUM_THREADS", "1", /*overwrite=*/1);
  // UCX, which some LibTorch loads with its MPI, would print a page where a model uses up its stack.
  setenv("UCX_HANDLE_ERRORS", "none", /*overwrite=*/1);
  // What is no number of threads, its libraries would print pages about.
  if (const char* threads = std::getenv("OMP_NUM_THREADS"); threads != nullptr && !is_thread_count(threads))
    unsetenv("OMP_NUM_THREADS");
  const std::string path = etamax::apps::program_beside("etamax-model", argv[0]);
  // LibTorch takes its time to load: a signal that comes meanwhile is to find a handler.
  etamax::apps::hold_signals();
  execv(path.c_str(), argv);
  const int fault = errno;
  etamax::apps::let_signals_through();
  if (fault != ENOENT) return fmt::format("'{}' cannot be executed: {}", path, std::strerror(fault));
  if (access(path.c_str(), F_OK) == 0) return fmt::format("'{}' cannot be executed: its loader is not there", path);
  return fmt::format("'{}' is not there; build etamax with ETAMAX_MODEL=ON", path);
}

}  // namespace

int main(int argc, char** argv) {
  namespace apps = etamax::apps;
  apps::ready_standard_streams();
  const apps::Arguments arguments = apps::with_usual_words({argv + 1, argv + argc});
  const std::string verb = apps::verb_of(arguments);
  if (verb.empty() && std::find(arguments.begin(), arguments.end(), "--version") != arguments.end())
    without_tensors += ": " + become_etamax_model(argv);
  for (const apps::VerbSpec& spec : apps::kVerbs)
    if (verb == spec.name && spec.needs_tensors) {
      const std::string why = become_etamax_model(argv);
      apps::catch_signals();
      apps::say(fmt::format("{} needs the program etamax-model: {}", verb, why));
      return 1;
    }
  return apps::run_program(
      argc, argv, {{"explain", apps::make_explain}, {"map", apps::make_map}, {"diagnose", apps::make_diagnose}},
      [] { return without_tensors; });
}
