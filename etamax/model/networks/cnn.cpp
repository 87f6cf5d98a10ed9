#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "etamax/core/error.h"
#include "etamax/model/layers.h"
#include "etamax/model/network.h"

namespace etamax::networks {
namespace {

struct Cnn : torch::nn::Module {
  Cnn(const std::array<int64_t, 3>& image, const std::vector<int64_t>& channels, bool batch_norm, int64_t outputs) {
    int64_t from = image[0], height = image[1], width = image[2];
    for (const int64_t to : channels) {
      const int64_t stride = convolutions->is_empty() ? 1 : 2;
      convolutions->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 3).stride(stride).padding(1)));
      if (batch_norm)
        norms->push_back(torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(to).track_running_stats(false)));
      from = to;
      height = (height - 1) / stride + 1;
      width = (width - 1) / stride + 1;
    }
    register_module("convolutions", convolutions);
    if (batch_norm) register_module("norms", norms);
    last = register_module("last", torch::nn::Linear(from * height * width, outputs));
  }
  torch::nn::ModuleList convolutions, norms;
  torch::nn::Linear last{nullptr};
};

}  // namespace

/// 3x3 convolutions, the first over every pixel, the others over every second one, then one affine layer.
NetworkSpec cnn() {
  NetworkSpec spec;
  spec.name = "cnn";
  spec.summary =
      "3x3 convolutions of these channels, halving the image from the second on, then an affine layer; "
      "with tanh, relu, gelu or silu, and batch norm if asked for";
  spec.example = "cnn:16-32-64:relu:batch_norm";
  spec.make = [](const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) {
    const std::string where = "cnn";
    const std::vector<std::string> part = words(arguments.empty() ? "16-32-64" : arguments, ':');
    const std::vector<int64_t> channels = widths(where, part[0]);
    const auto act = activation(where, part.size() > 1 ? part[1] : "relu");
    if (part.size() > 3 || (part.size() == 3 && part[2] != "batch_norm"))
      throw InputError("model", where + ": after the activation comes batch_norm or nothing, not '" + part[2] + "'");
    const std::array<int64_t, 3> image = image_shape(where, example_shape);
    const auto net = std::make_shared<Cnn>(image, channels, part.size() == 3, outputs);
    Network network = network_of("cnn", net, [net, image, act](const torch::Tensor& inputs) {
      torch::Tensor x = as_images(inputs, image);
      for (std::size_t i = 0; i < net->convolutions->size(); ++i) {
        const auto& layer = *net->convolutions->ptr<torch::nn::Conv2dImpl>(i);
        x = layers::convolution(x, layer.weight, layer.bias, layer.options.stride()->at(0));
        if (!net->norms->is_empty()) {
          const auto& norm = *net->norms->ptr<torch::nn::BatchNorm2dImpl>(i);
          x = layers::batch_norm(x, norm.weight, norm.bias);
        }
        x = act(x);
      }
      return net->last->forward(x.flatten(1));
    });
    network.convolves = false;
    return network;
  };
  return spec;
}

}  // namespace etamax::networks
