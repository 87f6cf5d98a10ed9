#include <torch/nn.h>

#include "etamax/core/error.h"
#include "etamax/model/network.h"

namespace etamax::networks {

/// Affine layers with an activation between them.
NetworkSpec mlp() {
  NetworkSpec spec;
  spec.name = "mlp";
  spec.summary = "affine layers of these widths, with tanh, relu, gelu or silu between them";
  spec.example = "mlp:64-256-256-10:tanh";
  spec.make = [](const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) {
    const int64_t inputs = c10::multiply_integers(example_shape);
    const std::size_t colon = arguments.find(':');
    const auto act = activation("mlp", colon == std::string::npos ? "tanh" : arguments.substr(colon + 1));
    const std::vector<int64_t> width =
        arguments.empty() ? std::vector<int64_t>{inputs, 256, 256, outputs} : widths("mlp", arguments.substr(0, colon));
    if (width.size() < 2) throw InputError("model", "mlp: needs at least an input and an output width");
    if (width.front() != inputs)
      throw InputError("model", "mlp: takes " + std::to_string(width.front()) + " inputs, but an example has " +
                                    std::to_string(inputs));
    if (width.back() != outputs)
      throw InputError("model", "mlp: gives " + std::to_string(width.back()) + " outputs, but the loss needs " +
                                    std::to_string(outputs));
    torch::nn::Sequential layers;
    for (std::size_t i = 0; i + 1 < width.size(); ++i) {
      if (i > 0) layers->push_back(torch::nn::Functional(act));
      layers->push_back(torch::nn::Linear(width[i], width[i + 1]));
    }
    return network_of("mlp", layers.ptr(),
                      [layers](const torch::Tensor& x) mutable { return layers->forward(x.flatten(1)); });
  };
  return spec;
}

}  // namespace etamax::networks
