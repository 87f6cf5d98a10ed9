#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/layers.h"
#include "etamax/model/network.h"

namespace etamax::networks {
namespace {

using torch::Tensor;

/// A convolution without bias, and batch norm.
struct Stage : torch::nn::Module {
  Stage(int64_t from, int64_t to, int64_t size, int64_t stride)
      : convolution(register_module(
            "convolution",
            torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, size).stride(stride).padding(size / 2).bias(false)))),
        norm(register_module("norm",
                             torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(to).track_running_stats(false)))) {}
  Tensor forward(const Tensor& x) {
    const Tensor no_bias = torch::zeros({convolution->weight.size(0)}, x.options());
    return layers::batch_norm(
        layers::convolution(x, convolution->weight, no_bias, convolution->options.stride()->at(0)), norm->weight,
        norm->bias);
  }
  torch::nn::Conv2d convolution;
  torch::nn::BatchNorm2d norm;
};

/// relu(x + second(relu(first(x)))), where x is convolved too if its shape changes: He et al., Deep residual
/// learning for image recognition, 2016.
struct Block : torch::nn::Module {
  Block(int64_t from, int64_t to, int64_t stride)
      : first(register_module("first", std::make_shared<Stage>(from, to, 3, stride))),
        second(register_module("second", std::make_shared<Stage>(to, to, 3, 1))) {
    if (from != to || stride != 1) shortcut = register_module("shortcut", std::make_shared<Stage>(from, to, 1, stride));
  }
  Tensor forward(const Tensor& x) {
    const Tensor y = second->forward(torch::relu(first->forward(x)));
    return torch::relu(y + (shortcut ? shortcut->forward(x) : x));
  }
  std::shared_ptr<Stage> first, second, shortcut;
};

struct Resnet : torch::nn::Module {
  Resnet(int64_t colors, const std::vector<int64_t>& channels, int64_t blocks_each, int64_t outputs)
      : stem(register_module("stem", std::make_shared<Stage>(colors, channels[0], 3, 1))) {
    int64_t from = channels[0];
    for (std::size_t i = 0; i < channels.size(); ++i)
      for (int64_t b = 0; b < blocks_each; ++b) {
        blocks->push_back(std::make_shared<Block>(from, channels[i], i > 0 && b == 0 ? 2 : 1));
        from = channels[i];
      }
    register_module("blocks", blocks);
    last = register_module("last", torch::nn::Linear(from, outputs));
  }
  Tensor forward(const Tensor& images) {
    Tensor x = torch::relu(stem->forward(images));
    for (std::size_t i = 0; i < blocks->size(); ++i) x = blocks->ptr<Block>(i)->forward(x);
    return last->forward(x.mean({2, 3}));
  }
  std::shared_ptr<Stage> stem;
  torch::nn::ModuleList blocks;
  torch::nn::Linear last{nullptr};
};

}  // namespace

/// Residual blocks with batch norm, the mean over the image, and one affine layer.
NetworkSpec resnet() {
  NetworkSpec spec;
  spec.name = "resnet";
  spec.summary =
      "residual blocks with batch norm (one for each width, or as many as said), relu, the mean over the "
      "image and an affine layer";
  spec.example = "resnet:16-32-64:2";
  spec.make = [](const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) {
    const std::string where = "resnet";
    const std::vector<std::string> part = words(arguments.empty() ? "16-32-64" : arguments, ':');
    const std::vector<int64_t> channels = widths(where, part[0]);
    int64_t blocks = 1;
    if (part.size() > 1) {
      blocks = whole_number(part[1]).value_or(0);
      if (part.size() > 2 || blocks < 1 || blocks > 100)
        throw InputError("model", where + ": after the widths comes the number of blocks for each, 1..100, not '" +
                                      arguments.substr(part[0].size() + 1) + "'");
    }
    const std::array<int64_t, 3> image = image_shape(where, example_shape);
    const auto net = std::make_shared<Resnet>(image[0], channels, blocks, outputs);
    Network network = network_of("resnet", net,
                                 [net, image](const Tensor& inputs) { return net->forward(as_images(inputs, image)); });
    network.convolves = false;
    return network;
  };
  return spec;
}

}  // namespace etamax::networks
