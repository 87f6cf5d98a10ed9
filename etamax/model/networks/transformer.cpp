#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <map>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/layers.h"
#include "etamax/model/network.h"

namespace etamax::networks {
namespace {

using torch::Tensor;

struct Sizes {
  int64_t width = 64, layers = 2, heads = 4, vocabulary = 0, positions = 0;
};

Tensor normed(const torch::nn::LayerNorm& norm, const Tensor& x) {
  return layers::layer_norm(x, norm->weight, norm->bias);
}

/// x + attention(norm(x)), then x + mlp(norm(x)). Rows are positions, those of one example after another.
struct DecoderBlock : torch::nn::Module {
  explicit DecoderBlock(const Sizes& s)
      : size(s),
        attention_norm(register_module("attention_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({s.width})))),
        query_key_value(register_module("query_key_value", torch::nn::Linear(s.width, 3 * s.width))),
        attention_out(register_module("attention_out", torch::nn::Linear(s.width, s.width))),
        mlp_norm(register_module("mlp_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({s.width})))),
        mlp_in(register_module("mlp_in", torch::nn::Linear(s.width, 4 * s.width))),
        mlp_out(register_module("mlp_out", torch::nn::Linear(4 * s.width, s.width))) {}

  Tensor forward(const Tensor& x) {
    const int64_t t = size.positions, h = size.heads, each = size.width / h;
    const Tensor split = query_key_value->forward(normed(attention_norm, x)).view({-1, t, 3, h, each});
    const Tensor parts = split.permute({2, 0, 3, 1, 4}).reshape({3, -1, t, each});  // of examples x heads
    const Tensor seen = layers::causal_attention(parts[0], parts[1], parts[2]);
    const Tensor joined = seen.view({-1, h, t, each}).transpose(1, 2).reshape({-1, size.width});
    const Tensor y = x + attention_out->forward(joined);
    return y + mlp_out->forward(layers::gelu(mlp_in->forward(normed(mlp_norm, y))));
  }
  Sizes size;
  torch::nn::LayerNorm attention_norm;
  torch::nn::Linear query_key_value, attention_out;
  torch::nn::LayerNorm mlp_norm;
  torch::nn::Linear mlp_in, mlp_out;
};

struct Transformer : torch::nn::Module {
  explicit Transformer(const Sizes& s)
      : size(s),
        tokens(register_module("tokens", torch::nn::Embedding(s.vocabulary, s.width))),
        positions(register_module("positions", torch::nn::Embedding(s.positions, s.width))) {
    for (int64_t i = 0; i < s.layers; ++i) blocks->push_back(std::make_shared<DecoderBlock>(s));
    register_module("blocks", blocks);
    norm = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({s.width})));
    last = register_module("last", torch::nn::Linear(s.width, s.vocabulary));
  }
  Tensor forward(const Tensor& inputs) {
    const Tensor token = inputs.to(torch::kLong);
    const auto most = static_cast<double>(size.vocabulary - 1);
    if (inputs.numel() > 0 && !(inputs.min().item<double>() >= 0 && inputs.max().item<double>() <= most))
      throw InputError("model", "transformer: the inputs are tokens 0.." + std::to_string(size.vocabulary - 1) +
                                    ", but there are " + format_number(inputs.min().item<double>()) + ".." +
                                    format_number(inputs.max().item<double>()) +
                                    "; vocabulary=N makes room for N of them");
    Tensor x = torch::embedding(tokens->weight, token) + positions->weight;
    x = x.view({-1, size.width});
    for (std::size_t i = 0; i < blocks->size(); ++i) x = blocks->ptr<DecoderBlock>(i)->forward(x);
    return last->forward(normed(norm, x)).view({inputs.size(0), size.positions, size.vocabulary});
  }
  Sizes size;
  torch::nn::Embedding tokens, positions;
  torch::nn::ModuleList blocks;
  torch::nn::LayerNorm norm{nullptr};
  torch::nn::Linear last{nullptr};
};

Sizes read_sizes(const std::string& where, const std::string& arguments) {
  Sizes s;
  const std::map<std::string, int64_t*> known = {
      {"width", &s.width}, {"layers", &s.layers}, {"heads", &s.heads}, {"vocabulary", &s.vocabulary}};
  if (arguments.empty()) return s;
  for (const std::string& word : words(arguments, ',')) {
    const std::size_t equals = word.find('=');
    const auto at = known.find(word.substr(0, equals));
    if (equals == std::string::npos || at == known.end())
      throw InputError("model", where + ": '" + word + "' is none of width=N, layers=N, heads=N, vocabulary=N");
    *at->second = whole_number(word.substr(equals + 1)).value_or(0);
    if (*at->second < 1 || *at->second > 1 << 20)
      throw InputError("model", where + ": '" + word + "' is not a whole number in 1.." + std::to_string(1 << 20));
  }
  if (s.width % s.heads != 0)
    throw InputError(
        "model", where + ": width=" + std::to_string(s.width) + " is no multiple of heads=" + std::to_string(s.heads));
  return s;
}

}  // namespace

/// A causal language model: token and position embedding, blocks that normalize first, as in Radford et al.,
/// Language models are unsupervised multitask learners, 2019. Inputs are tokens, examples x positions.
NetworkSpec transformer() {
  NetworkSpec spec;
  spec.name = "transformer";
  spec.summary = "a causal language model: token and position embedding, pre-norm blocks of attention and GELU";
  spec.example = "transformer:width=64,layers=2,heads=4";
  spec.make = [](const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) {
    const std::string where = "transformer";
    Sizes size = read_sizes(where, arguments);
    if (example_shape.size() != 1)
      throw InputError("model", where + ": takes one row of tokens for each example, not " +
                                    std::to_string(example_shape.size()) + " dimensions");
    if (size.vocabulary == 0) size.vocabulary = outputs;
    if (size.vocabulary < outputs)
      throw InputError("model", where + ": vocabulary=" + std::to_string(size.vocabulary) + ", but the targets need " +
                                    std::to_string(outputs));
    size.positions = example_shape[0];
    const auto net = std::make_shared<Transformer>(size);
    Network network = network_of("transformer", net, [net](const Tensor& inputs) { return net->forward(inputs); });
    network.takes_tokens = true;
    return network;
  };
  return spec;
}

}  // namespace etamax::networks
