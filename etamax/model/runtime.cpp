#include "etamax/model/runtime.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/version.h>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace etamax {

void set_threads(int threads) {
  at::set_num_threads(threads);
  // OpenBLAS has threads of its own.
  using Set = void (*)(int);
  if (const auto set = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(threads);
}

namespace {

using Handle = std::unique_ptr<void, int (*)(void*)>;

/// The library that the product of matrices comes from, for several may be loaded, and its file; null where it is a
/// part of LibTorch.
std::pair<Handle, std::string> blas() {
  const void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
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
#if defined(M_MMAP_MAX) && defined(M_TRIM_THRESHOLD)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

void silence_scripts() {
  torch::jit::setPrintHandler([](const std::string&) {});
}

void refuse_missing_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    rlim_t kibibytes = 0;
    if (word != "MemAvailable:" || !(file >> kibibytes)) continue;
    rlimit limit{};
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kibibytes * 1024);
    setrlimit(RLIMIT_DATA, &limit);
    return;
  }
}

}  // namespace etamax
