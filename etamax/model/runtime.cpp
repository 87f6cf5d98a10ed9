#include "etamax/model/runtime.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <string>

namespace etamax {

void set_threads(int threads) {
  at::set_num_threads(threads);
  // OpenBLAS has threads of its own.
  using Set = void (*)(int);
  if (const auto set = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(threads);
}

std::string slow_blas_warning() {
  // Several may be loaded, so what counts is where the product of matrices comes from, and what that library stands on.
  const void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info found;
  if (!sgemm || dladdr(sgemm, &found) == 0) return "";  // inside of LibTorch: one that it was built with
  const std::unique_ptr<void, int (*)(void*)> library(dlopen(found.dli_fname, RTLD_LAZY | RTLD_NOLOAD), dlclose);
  for (const char* fast : {"openblas_get_config", "MKL_Get_Version", "mkl_get_version", "bli_info_get_version_str"})
    if (!library || dlsym(library.get(), fast)) return "";
  return fmt::format(
      "the BLAS in use ({}) is not OpenBLAS and may be 15 times slower; Debian: apt install libopenblas0-pthread",
      found.dli_fname);
}

void keep_freed_memory() {
#if defined(M_MMAP_MAX) && defined(M_TRIM_THRESHOLD)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
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
