#include "etamax/model/runtime.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/version.h>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/model/free_memory.h"

namespace etamax {

namespace {

/// OpenBLAS's buffer for each thread that multiplies: BUFFER_SIZE in its sources, of the same size on all processors
/// that have 64 bit. Little of it is ever written to.
constexpr std::size_t kBuffer = std::size_t{128} << 20;
constexpr std::size_t kStacks = std::size_t{16} << 20;  ///< of a thread, OpenBLAS's and LibTorch's

/// What the smallest network takes beside. Measured, by limits that end 8 to 24 MiB above what OpenBLAS takes: there
/// LibTorch's library of convolutions ends the program by a signal, and its threads take turns at the last memory.
constexpr std::size_t kForWork = std::size_t{48} << 20;

constexpr int kPools = 3;  ///< of threads: OpenMP's, LibTorch's and OpenBLAS's, each beside the one that asks

template <typename Function>
Function of_open_blas(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

auto setter_of_open_blas() { return of_open_blas<void (*)(int)>("openblas_set_num_threads"); }

/// Each of LibTorch's threads may ask for a product, and all but one thread of OpenBLAS's have a buffer of their own.
int buffers(int threads) { return 2 * threads - 1; }

std::size_t set_aside = 0;  ///< by OpenBLAS

/// Memory as OpenBLAS asks the system for it, given back at the end.
class Mapping {
 public:
  explicit Mapping(std::size_t size)
      : size_(size), at_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  Mapping(Mapping&& other) noexcept : size_(other.size_), at_(std::exchange(other.at_, MAP_FAILED)) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (*this) munmap(at_, size_);
  }
  explicit operator bool() const { return at_ != MAP_FAILED; }

 private:
  std::size_t size_;
  void* at_;
};

/// Of warnings: a script's, which may hold what a terminal obeys, and LibTorch's own.
struct Silence final : c10::WarningHandler {
#if TORCH_VERSION_MAJOR >= 2
  void process(const c10::Warning&) override {}
#else
  void process(const c10::SourceLocation&, const std::string&, bool) override {}
#endif
};

template <typename Work>
auto knowing_processors(Work work) {
  try {
    return work();
  } catch (const c10::Error&) {
    throw EnvironmentError("LibTorch cannot learn what processors there are: it needs /proc");
  }
}

}  // namespace

std::size_t set_aside_for_threads(int threads) {
  return setter_of_open_blas() ? kBuffer * static_cast<std::size_t>(buffers(threads)) : 0;
}

int threads_that_fit(int wanted) {
  if (!setter_of_open_blas()) return wanted;
  const Mapping for_work(kForWork);
  if (!for_work) return 0;
  std::vector<Mapping> had;
  for (int threads = 0; threads < wanted; ++threads)
    for (int i = threads == 0 ? 0 : buffers(threads); i <= buffers(threads + 1); ++i) {
      had.emplace_back(i < buffers(threads + 1) ? kBuffer : kStacks);
      if (!had.back()) return threads;
    }
  return wanted;
}

int threads_that_start(int wanted) {
  // LibTorch starts one for each processor before it is told how many it shall have.
  const int first = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  const int needed = std::max(first, kPools * (wanted - 1));
  std::atomic<bool> over = false;
  std::vector<std::thread> started;
  started.reserve(static_cast<std::size_t>(std::max(needed, 0)));
  try {
    while (static_cast<int>(started.size()) < needed) started.emplace_back([&over] { over.wait(false); });
  } catch (const std::system_error&) {  // no more
  }
  over = true;
  over.notify_all();
  for (std::thread& thread : started) thread.join();
  const int count = static_cast<int>(started.size());
  return count < first ? 0 : count / kPools + 1;
}

void set_threads(int threads) {
  knowing_processors([&] {
    at::set_num_threads(threads);
    // Each thread makes LibTorch's pool of threads anew when it first asks for their number, and where there is no
    // memory for a stack by then it waits for ever. In a sum of rows all of them ask.
    constexpr int64_t kShared = 1 << 15;  // numbers from which on LibTorch shares work out
    return at::ones({threads, kShared}).sum(1);
  });
  const auto set = setter_of_open_blas();
  if (!set) return;
  set(threads);  // it has threads of its own
  set_aside = set_aside_for_threads(threads);
  const auto allocate = of_open_blas<void* (*)(int)>("blas_memory_alloc");
  const auto free = of_open_blas<void (*)(void*)>("blas_memory_free");  // which keeps it for the next product
  if (!allocate || !free) return;
  std::vector<void*> held(static_cast<std::size_t>(threads));
  for (void*& buffer : held) buffer = allocate(0);
  for (void* const buffer : held) free(buffer);
}

int threads_in_use() {
  return knowing_processors([] { return at::get_num_threads(); });
}

void look_for_devices() { at::ones({1}).set_requires_grad(true).backward(); }

namespace {

using Handle = std::unique_ptr<void, int (*)(void*)>;

/// The library that the product of matrices comes from, for several may be loaded, and its file; null where it is a
/// part of LibTorch.
std::pair<Handle, std::string> blas() {
  const void* sgemm = dlsym(RTLD_NEXT, "sgemm_");  // not the program's own, which asks the library's
  Dl_info found;
  if (!sgemm || dladdr(sgemm, &found) == 0) return {Handle(nullptr, dlclose), ""};
  return {Handle(dlopen(found.dli_fname, RTLD_LAZY | RTLD_NOLOAD), dlclose), found.dli_fname};
}

}  // namespace

std::string tensor_libraries() {
  const auto [library, file] = blas();
  std::string name = library ? file : "inside LibTorch";
  if (library)
    if (const auto config = reinterpret_cast<const char* (*)()>(dlsym(library.get(), "openblas_get_config")))
      name = config();  // "OpenBLAS 0.3.21 NO_AFFINITY ..."
  if (name.starts_with("OpenBLAS ")) name.resize(name.find(' ', name.find(' ') + 1));
  return "LibTorch " TORCH_VERSION ", BLAS " + name;
}

std::string slow_blas_warning() {
  const auto [library, file] = blas();
  if (!library) return "";
  // What counts is what that library stands on.
  for (const char* fast : {"openblas_get_config", "MKL_Get_Version", "mkl_get_version", "bli_info_get_version_str"})
    if (dlsym(library.get(), fast)) return "";
  return fmt::format(
      "the BLAS in use ({}) is not OpenBLAS and may be 15 times slower; Debian: apt install libopenblas0-pthread",
      file);
}

void keep_freed_memory() {
#if defined(M_MMAP_THRESHOLD) && defined(M_TRIM_THRESHOLD)
  // Vectors of large models go back at once: between them others would leave holes in which none of them fits.
  constexpr int kLarge = 16 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

void silence_scripts() {
  torch::jit::setPrintHandler([](const std::string&) {});
  static Silence silence;
#if TORCH_VERSION_MAJOR >= 2
  c10::WarningUtils::set_warning_handler(&silence);
#else
  c10::Warning::set_warning_handler(&silence);
#endif
}

void refuse_missing_memory() {
#ifdef __SANITIZE_ADDRESS__
  return;  // the terabytes of addresses that AddressSanitizer maps would be counted
#endif
  const std::optional<std::uint64_t> free = free_memory();
  rlimit limit{};
  if (!free || getrlimit(RLIMIT_DATA, &limit) != 0) return;
  // What was set aside counts as taken, but is there to be used for its purpose alone.
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, *free + set_aside);
  setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace etamax
