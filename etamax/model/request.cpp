// From names to an analysis, within the memory that there is.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/cuda.h>

#include <memory>

#include "etamax/core/error.h"
#include "etamax/model/analyze.h"
#include "etamax/model/model_objective.h"

namespace etamax {
namespace {

bool out_of_memory(const std::exception& e) {
  const std::string what = e.what();
  return dynamic_cast<const std::bad_alloc*>(&e) || what.find("not enough memory") != std::string::npos ||
         what.find("out of memory") != std::string::npos || what.find("can't allocate memory") != std::string::npos;
}

/// Half of the largest chunk, a power of two times smaller, at which one product can be made: an analysis holds more than a product,
/// and another process lays out its memory differently. 0 where there is none.
int64_t chunk_that_fits(const Network& network, const Dataset& data, const LossSpec& loss,
                        const ModelObjectiveOptions& tried) {
  for (ModelObjectiveOptions options = tried; options.chunk > 1;) {
    options.chunk = std::min(options.chunk, data.examples()) / 2;
    if (options.chunk < 1) break;
    try {
      ModelObjective f(network, data, loss, options);
      torch::Tensor product;
      f.apply(f.random_normal(0), product);
      return std::max<int64_t>(options.chunk / 2, 1);
    } catch (const std::exception& e) {
      if (!out_of_memory(e)) throw;
    }
  }
  return 0;
}

}  // namespace

torch::Device find_device(const std::string& name) {
  const std::string kind = name.substr(0, name.find(':'));
  if (kind != "cpu" && kind != "cuda")
    throw InputError("--device: '" + name + "' is not cpu, cuda or cuda:NUMBER");
  if (kind == "cuda" && !torch::cuda::is_available())
    throw InputError("--device: no CUDA device can be used here; --device cpu can");
  try {
    return torch::Device(name);
  } catch (const c10::Error&) {
    throw InputError("--device: '" + name + "' is not cpu, cuda or cuda:NUMBER");
  }
}

torch::ScalarType find_type(const std::string& name) {
  if (name == "float32") return torch::kFloat;
  if (name == "float64") return torch::kDouble;
  throw InputError("--dtype: '" + name + "' is not float32 or float64");
}

Analysis analyze(const AnalyzeRequest& request) {
  const AnalyzeOptions& options = request.options;
  const ModelObjectiveOptions tried{options.chunk, find_type(options.dtype), find_device(options.device), {}};
  const Dataset data = load_data(request.data);
  const LossSpec& loss = find_loss(request.loss.empty() ? usual_loss(data) : request.loss);
  loss.prepare(data.targets, torch::kDouble);  // refuses targets that do not fit before the model is made for them
  Network network =
      make_network(request.model, data.inputs.sizes().slice(1).vec(), loss.outputs(data.targets), options.seed);
  std::optional<Checkpoint> checkpoint;
  if (!request.checkpoint.empty()) {
    checkpoint = read_checkpoint(request.checkpoint);
    load_weights(*checkpoint, network);
  }
  try {
    return analyze(network, data, loss, options, checkpoint ? &*checkpoint : nullptr);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& e) {
    if (!out_of_memory(e)) throw;
  }
  const int64_t fits = chunk_that_fits(network, data, loss, tried);
  if (fits > 0)
    throw InputError(fmt::format("--chunk: memory does not suffice for {} examples at once; --chunk {} fits (or fewer, --samples {})",
                                 std::min(options.chunk, data.examples()), fits, fits));
  throw InputError("--model: memory does not suffice for this model even with --chunk 1");
}

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
  return fmt::format("the BLAS in use ({}) is not OpenBLAS and may be 15 times slower; Debian: apt install libopenblas0-pthread",
                     found.dli_fname);
}

}  // namespace etamax
