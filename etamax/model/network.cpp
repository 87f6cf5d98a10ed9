#include "etamax/model/network.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "etamax/core/named.h"
#include "etamax/model/layers.h"
#include "etamax/model/torchscript.h"

namespace etamax {
namespace {

/// While it lives, PyTorch draws by `seed`; afterwards the program that calls us draws on where it was.
class Seeded {
 public:
  explicit Seeded(std::uint64_t seed) : before_(generator_.get_state()) { generator_.set_current_seed(seed); }
  ~Seeded() { generator_.set_state(before_); }
  Seeded(const Seeded&) = delete;
  Seeded& operator=(const Seeded&) = delete;

 private:
  at::Generator generator_ = at::detail::getDefaultCPUGenerator();
  torch::Tensor before_;
};

/// Whether a module draws at random while it trains. Recurrent layers and attention hold the rate themselves.
bool drops_out(const torch::nn::Module& part) {
  const std::string type = part.name();
  const auto is = [&](const char* what) { return type.find(what) != std::string::npos; };
  return is("Dropout") || is("LSTM") || is("GRU") || is("RNN") || is("MultiheadAttention");
}

}  // namespace

Network network_of(std::string name, const std::shared_ptr<torch::nn::Module>& module,
                   std::function<torch::Tensor(const torch::Tensor&)> forward) {
  Network network;
  network.enter = [module] {
    std::vector<bool> training;
    for (const auto& part : module->modules()) training.push_back(part->is_training());
    module->train();
    for (const auto& part : module->modules())
      if (drops_out(*part)) part->eval();
    return [module, training] {  // each module after the one that holds it, whose mode it took on
      std::size_t i = 0;
      for (const auto& part : module->modules()) part->train(training[i++]);
    };
  };
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
                     std::uint64_t seed, const std::vector<InputPart>& parts) {
  if (is_model_file(text)) return load_torchscript(text, example_shape, parts);
  const std::size_t colon = text.find(':');
  const NetworkSpec& spec = find_named(network_table(), text.substr(0, colon), "model", "model");
  const Seeded seeded(seed);
  Network network = spec.make(colon == std::string::npos ? "" : text.substr(colon + 1), example_shape, outputs);
  network.name = text;
  return network;
}

namespace networks {

std::vector<int64_t> widths(const std::string& where, const std::string& text) {
  constexpr int64_t kWidest = 1 << 20;
  constexpr std::size_t kMostLayers = 1000;
  std::vector<int64_t> found;
  const char* at = text.data();
  const char* end = at + text.size();
  while (true) {
    int64_t width = 0;
    const auto [next, error] = std::from_chars(at, end, width);
    if (error != std::errc() || width < 1 || width > kWidest || (next != end && *next != '-'))
      throw InputError("model", where + ": '" + text + "' is not a list of widths 1.." + std::to_string(kWidest) +
                                    " such as 64-256-256-10");
    if (found.size() == kMostLayers)
      throw InputError("model", where + ": has more than " + std::to_string(kMostLayers) + " widths");
    found.push_back(width);
    if (next == end) return found;
    at = next + 1;
  }
}

torch::Tensor (*activation(const std::string& where, const std::string& name))(const torch::Tensor&) {
  if (name == "tanh") return layers::tanh;
  if (name == "relu") return [](const torch::Tensor& x) { return torch::relu(x); };
  if (name == "gelu") return layers::gelu;
  if (name == "silu") return [](const torch::Tensor& x) { return x * torch::sigmoid(x); };
  throw InputError("model", where + ": unknown activation '" + name + "'; there are tanh, relu, gelu, silu");
}

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> found;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    found.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return found;
}

std::array<int64_t, 3> image_shape(const std::string& where, const std::vector<int64_t>& shape) {
  if (looks_channels_last(shape))
    throw InputError("model", where + ": an example is " + c10::str(c10::IntArrayRef(shape)) +
                                  ", which looks like height, width and channels; give the channels first, as "
                                  "X.transpose(0, 3, 1, 2)");
  if (shape.size() == 3) return {shape[0], shape[1], shape[2]};
  if (shape.size() == 2) return {1, shape[0], shape[1]};
  const int64_t pixels = shape.empty() ? 0 : shape[0];
  for (const int64_t channels : {1, 3}) {
    const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(pixels / channels))));
    if (pixels > 0 && channels * side * side == pixels) return {channels, side, side};
  }
  throw InputError("model",
                   where + ": an example has " + std::to_string(pixels) +
                       " inputs, which are no square image of 1 or 3 channels (such as 64 = 1x8x8 or 3072 = 3x32x32)");
}

torch::Tensor as_images(const torch::Tensor& x, const std::array<int64_t, 3>& shape) {
  return x.reshape({x.size(0), shape[0], shape[1], shape[2]}).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace networks
}  // namespace etamax
