#include "etamax/model/network.h"

#include <torch/nn/module.h>

#include <charconv>

#include "etamax/model/named.h"
#include "etamax/model/torchscript.h"

namespace etamax {

Network network_of(std::string name, const std::shared_ptr<torch::nn::Module>& module,
                   std::function<torch::Tensor(const torch::Tensor&)> forward) {
  module->train();
  for (const auto& part : module->modules())
    if (part->name().find("Dropout") != std::string::npos) part->eval();
  Network network;
  network.name = std::move(name);
  // The module lives as long as what calls it.
  network.forward = [module, forward = std::move(forward)](const torch::Tensor& x) { return forward(x); };
  for (const auto& p : module->named_parameters()) network.parameters.push_back({p.key(), p.value()});
  for (const auto& b : module->named_buffers()) network.buffers.push_back({b.key(), b.value()});
  for (const auto& part : module->modules())
    network.convolves = network.convolves || part->name().find("Conv") != std::string::npos;
  return network;
}

Network make_network(const std::string& text, const std::vector<int64_t>& example_shape, int64_t outputs,
                     std::uint64_t seed) {
  if (is_model_file(text)) return load_torchscript(text, example_shape);
  const std::size_t colon = text.find(':');
  const NetworkSpec& spec = find_named(network_table(), text.substr(0, colon), "--model", "model");
  torch::manual_seed(seed);
  Network network = spec.make(colon == std::string::npos ? "" : text.substr(colon + 1), example_shape, outputs);
  network.name = text;
  return network;
}

namespace networks {

std::vector<int64_t> widths(const std::string& where, const std::string& text) {
  constexpr int64_t kWidest = 1 << 20;
  std::vector<int64_t> found;
  const char* at = text.data();
  const char* end = at + text.size();
  while (true) {
    int64_t width = 0;
    const auto [next, error] = std::from_chars(at, end, width);
    if (error != std::errc() || width < 1 || width > kWidest || (next != end && *next != '-'))
      throw InputError(where + ": '" + text + "' is not a list of widths 1.." + std::to_string(kWidest) +
                       " such as 64-256-256-10");
    found.push_back(width);
    if (next == end) return found;
    at = next + 1;
  }
}

torch::Tensor (*activation(const std::string& where, const std::string& name))(const torch::Tensor&) {
  if (name == "tanh") return [](const torch::Tensor& x) { return torch::tanh(x); };
  if (name == "relu") return [](const torch::Tensor& x) { return torch::relu(x); };
  if (name == "gelu") return [](const torch::Tensor& x) { return torch::gelu(x); };
  throw InputError(where + ": unknown activation '" + name + "'; there are tanh, relu, gelu");
}

}  // namespace networks
}  // namespace etamax
