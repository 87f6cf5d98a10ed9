#include <torch/nn/modules/linear.h>

#include "etamax/core/error.h"
#include "etamax/model/network.h"

namespace etamax::networks {

/// One affine layer: linear, logistic or softmax regression, by the loss.
NetworkSpec linear() {
  NetworkSpec spec;
  spec.name = "linear";
  spec.summary = "one affine layer: linear, logistic or softmax regression, by the loss";
  spec.example = "linear";
  spec.make = [](const std::string& arguments, const std::vector<int64_t>& example_shape, int64_t outputs) {
    if (!arguments.empty()) throw InputError("model", "linear takes nothing after its name, not ':" + arguments + "'");
    torch::nn::Linear layer(c10::multiply_integers(example_shape), outputs);
    return network_of("linear", layer.ptr(),
                      [layer](const torch::Tensor& x) mutable { return layer->forward(x.flatten(1)); });
  };
  return spec;
}

}  // namespace etamax::networks
