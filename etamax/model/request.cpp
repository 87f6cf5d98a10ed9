// From names to an analysis, within the memory that there is.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/cuda.h>

#include <memory>

#include "etamax/core/error.h"
#include "etamax/model/analyze.h"
#include "etamax/model/fitting.h"
#include "etamax/model/model_objective.h"

namespace etamax {

torch::Device find_device(const std::string& name) {
  const std::string kind = name.substr(0, name.find(':'));
  if (kind != "cpu" && kind != "cuda") throw InputError("--device: '" + name + "' is not cpu, cuda or cuda:NUMBER");
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

const LossSpec& find_loss(const std::string& name, const Dataset& data) {
  const LossSpec& loss = find_loss(name.empty() ? usual_loss(data) : name);
  loss.prepare(data.targets, torch::kDouble);
  return loss;
}

Network make_network(const std::string& text, const Dataset& data, const LossSpec& loss, std::uint64_t seed) {
  return make_network(text, data.inputs.sizes().slice(1).vec(), loss.outputs(data.targets), seed);
}

Analysis analyze(const AnalyzeRequest& request) {
  const AnalyzeOptions& options = request.options;
  const ModelObjectiveOptions tried{options.chunk, find_type(options.dtype), find_device(options.device), {}};
  const Dataset data = load_data(request.data);
  const LossSpec& loss = find_loss(request.loss, data);
  Network network = make_network(request.model, data, loss, options.seed);
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
  throw does_not_fit(network, data, loss, tried, "--samples");
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
  return fmt::format(
      "the BLAS in use ({}) is not OpenBLAS and may be 15 times slower; Debian: apt install libopenblas0-pthread",
      found.dli_fname);
}

}  // namespace etamax
