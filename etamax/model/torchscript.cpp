#include "etamax/model/torchscript.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/zip.h"

namespace etamax {
namespace {

using torch::Tensor;
using torch::jit::Module;

/// TorchScript's messages hold a traceback; what went wrong is their last line.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

/// What a file is that torch::jit::load does not take, and what to do about it.
std::string why_refused(const std::string& path, const std::exception& error) {
  constexpr const char* kDo = "; save the model itself with torch.jit.script(model).save(FILE)";
  const std::string bytes = read_whole_file(path);
  const bool pickled = bytes.starts_with('\x80');
  if (!looks_like_zip(bytes) && !pickled) return "is no TorchScript file" + std::string(kDo);
  bool pickle = pickled, code = false;
  if (!pickled)
    for (const ZipMember& member : zip_members(path, bytes)) {
      pickle = pickle || member.name.ends_with("/data.pkl");
      code = code || member.name.find("/code/") != std::string::npos;
    }
  if (code) return "is TorchScript that this LibTorch cannot load: " + last_line(error.what());
  if (pickle)
    return "was written by torch.save: it holds weights or a Python object, not a model that can be run" +
           std::string(kDo) + ", or give weights as `checkpoint`";
  return "is a zip file, but no TorchScript" + std::string(kDo);
}

Module loaded(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw InputError("model", path + ": is a folder, not a file");
  if (!std::filesystem::exists(path, error)) throw InputError("model", path + ": there is no such file");
  try {
    return torch::jit::load(path, torch::Device(torch::kCPU));
  } catch (const std::exception& e) {
    throw InputError("model", path + ": " + why_refused(path, e));
  }
}

/// Training mode, for batch norm's sake, with all that PyTorch's classes do at random switched off.
void set_mode(Module& module) {
  module.train();
  for (Module part : module.modules()) {
    const auto name = part.type()->name();
    const std::string type = name ? name->qualifiedName() : "";
    const auto is = [&](const char* what) { return type.find(what) != std::string::npos; };
    if (is("Dropout") || is("LSTM") || is("GRU") || is("RNN")) part.eval();
    // MultiheadAttention holds its rate itself; in evaluation it would leave the path that can be
    // differentiated.
    if (is("MultiheadAttention") && part.hasattr("dropout") && part.attr("dropout").isDouble())
      part.setattr("dropout", 0.0);
  }
}

bool convolves(const Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  const std::string text = graph->toString(false);
  return text.find("aten::conv") != std::string::npos || text.find("aten::_convolution") != std::string::npos;
}

Tensor run(const std::shared_ptr<Module>& module, const Tensor& x) {
  // Operation by operation, as eager PyTorch does it: nothing recompiled after the first runs, no derivatives but
  // autograd's.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  try {
    const torch::IValue result = module->forward({x});
    TORCH_CHECK(result.isTensor(), "its forward gives a ", result.tagKind(), ", not one tensor");
    return result.toTensor();
  } catch (const c10::Error&) {
    throw;
  } catch (const std::exception& e) {
    TORCH_CHECK(false, last_line(e.what()));
  }
}

/// Eight examples of zeros and ones, which are tokens of any vocabulary too.
Tensor eight_examples(const std::vector<int64_t>& example_shape) {
  std::vector<int64_t> shape = {8};
  shape.insert(shape.end(), example_shape.begin(), example_shape.end());
  return torch::randint(2, shape, at::detail::createCPUGenerator(1), torch::kFloat);
}

}  // namespace

bool is_model_file(const std::string& text) {
  const std::size_t slash = text.find('/');
  return text.ends_with(".pt") || text.ends_with(".pth") || text.ends_with(".ts") ||
         (slash != std::string::npos && slash < text.find(':'));
}

Network load_torchscript(const std::string& path, const std::vector<int64_t>& example_shape) {
  const auto module = std::make_shared<Module>(loaded(path));
  const auto refuse = [&](const std::string& why) -> InputError { return InputError("model", path + ": " + why); };
  if (!module->find_method("forward")) throw refuse("has no method forward");
  set_mode(*module);
  Network network;
  network.name = path;
  for (const auto& p : module->named_parameters()) network.parameters.push_back({p.name, p.value});
  for (const auto& b : module->named_buffers()) network.buffers.push_back({b.name, b.value});
  if (network.parameters.empty())
    throw refuse(
        "has no parameters; a model that was frozen (torch.jit.freeze) has its weights as constants: save it before");
  network.convolves = convolves(*module);

  std::vector<Tensor> buffers;
  for (const NamedTensor& b : network.buffers) buffers.push_back(b.tensor.clone());
  const torch::NoGradGuard no_gradient;
  const Tensor x = eight_examples(example_shape).to(network.parameters.front().tensor.scalar_type());
  bool tokens = false;
  Tensor once;
  try {
    try {
      once = run(module, x);
    } catch (const c10::Error&) {
      once = run(module, x.to(torch::kLong));
      tokens = true;
    }
    // Dropout may draw the same mask twice: with p = 0.1 and eight masks of two numbers it goes unseen five times
    // once in 10^7 (0.82^80), and more rarely for any wider layer or larger p.
    for (int repeated = 0; repeated < 5 && !once.isnan().any().item<bool>(); ++repeated)
      if (!once.equal(run(module, tokens ? x.to(torch::kLong) : x)))
        throw refuse(
            "gives two results for the same inputs: dropout is still on in it. Use nn.Dropout (not the function) "
            "and torch.jit.script, or set its probability to 0 before saving");
  } catch (const c10::Error&) {
    tokens = false;  // it does not fit the data, which whoever has them says better
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) network.buffers[i].tensor.copy_(buffers[i]);
  network.forward = [module, tokens](const Tensor& inputs) {
    return run(module, tokens ? inputs.to(torch::kLong) : inputs);
  };
  return network;
}

}  // namespace etamax
