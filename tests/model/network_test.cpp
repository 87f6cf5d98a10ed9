// Every built-in network and layer: against torch::nn's own layers, finite differences and the dense Hessian.
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn.h>

#include <cmath>
#include <functional>

#include "../refusal.h"
#include "cases.h"
#include "dense.h"
#include "etamax/core/error.h"
#include "etamax/model/layers.h"
#include "etamax/model/objective.h"
#include "etamax/model/setup.h"

namespace etamax {
namespace {

using testing::all_cases;
using testing::Case;
using testing::data_for;
using testing::dense_hessian;
using testing::fits;
using testing::gradient;
using testing::kLosses;
using testing::objective;
using testing::parameters;
using testing::product;
using testing::product_by_differences;
using testing::random_normal;
using testing::set_parameters;

using torch::Tensor;
using torch::autograd::grad;

/// The largest difference, relative to the size of what is expected.
double off(const Tensor& found, const Tensor& expected) {
  return ((found - expected).abs().max() / (1 + expected.abs().max())).item<double>();
}

struct Layer {
  std::string name;
  std::vector<std::vector<int64_t>> shapes;
  std::function<Tensor(const std::vector<Tensor>&)> ours, theirs;
};

const std::vector<Layer>& all_layers() {
  static const auto convolution = [](int64_t size, int64_t stride) {
    return Layer{"convolution " + std::to_string(size) + "/" + std::to_string(stride),
                 {{3, 2, 6, 5}, {4, 2, size, size}, {4}},
                 [=](const std::vector<Tensor>& x) { return layers::convolution(x[0], x[1], x[2], stride); },
                 [=](const std::vector<Tensor>& x) { return torch::conv2d(x[0], x[1], x[2], stride, size / 2); }};
  };
  static const std::vector<Layer> all = {
      convolution(3, 1),
      convolution(3, 2),
      convolution(1, 2),
      {"batch_norm",
       {{3, 2, 4, 5}, {2}, {2}},
       [](const std::vector<Tensor>& x) { return layers::batch_norm(x[0], x[1], x[2]); },
       // Written out, as is the next: the third derivatives of LibTorch 1.13's own norms are wrong. Their
       // values are compared with its own below.
       [](const std::vector<Tensor>& x) {
         const Tensor centered = x[0] - x[0].mean({0, 2, 3}, true);
         const Tensor n = centered / torch::sqrt(centered.square().mean({0, 2, 3}, true) + 1e-5);
         return n * x[1].view({-1, 1, 1}) + x[2].view({-1, 1, 1});
       }},
      {"layer_norm",
       {{4, 6}, {6}, {6}},
       [](const std::vector<Tensor>& x) { return layers::layer_norm(x[0], x[1], x[2]); },
       [](const std::vector<Tensor>& x) {
         const Tensor centered = x[0] - x[0].mean(-1, true);
         return centered / torch::sqrt(centered.square().mean(-1, true) + 1e-5) * x[1] + x[2];
       }},
      {"gelu",
       {{20}},
       [](const std::vector<Tensor>& x) { return layers::gelu(2 * x[0]); },
       [](const std::vector<Tensor>& x) { return torch::gelu(2 * x[0]); }},
      {"tanh",
       {{20}},
       [](const std::vector<Tensor>& x) { return layers::tanh(x[0]); },
       [](const std::vector<Tensor>& x) { return torch::tanh(x[0]); }},
      {"softmax",
       {{3, 5}},
       [](const std::vector<Tensor>& x) { return layers::softmax(x[0]); },
       [](const std::vector<Tensor>& x) { return torch::softmax(x[0], -1); }},
      {"causal_attention",
       {{2, 4, 3}, {2, 4, 3}, {2, 4, 3}},
       [](const std::vector<Tensor>& x) { return layers::causal_attention(x[0], x[1], x[2]); },
       [](const std::vector<Tensor>& x) {
         const Tensor score = x[0].matmul(x[1].transpose(1, 2)) / std::sqrt(3.0);
         const Tensor later = torch::ones({4, 4}, torch::kBool).triu(1);
         return torch::softmax(score.masked_fill(later, -1e300), -1).matmul(x[2]);
       }},
  };
  return all;
}

/// Derivatives of each order along fixed directions, the last of them for each input.
std::vector<Tensor> derivatives(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                                const std::vector<Tensor>& x, int order) {
  torch::manual_seed(9);
  const auto directions = [&] {
    std::vector<Tensor> v;
    for (const Tensor& each : x) v.push_back(torch::randn(each.sizes(), torch::kDouble));
    return v;
  };
  const Tensor y = f(x);
  // Not linear in the outputs, as no loss is.
  Tensor scalar = (torch::randn(y.sizes(), torch::kDouble) * y + 0.3 * y.square()).sum();
  for (int k = 1; k < order; ++k) {
    const auto g = grad({scalar}, x, {}, true, true);
    const auto v = directions();
    scalar = torch::zeros({}, torch::kDouble);
    for (std::size_t i = 0; i < x.size(); ++i) scalar = scalar + (g[i] * v[i]).sum();
  }
  return grad({scalar}, x);
}

TEST(Layers, AreTorchsOwnWithTheirDerivatives) {
  for (const Layer& layer : all_layers()) {
    torch::manual_seed(1);
    std::vector<Tensor> x;
    for (const auto& shape : layer.shapes) x.push_back(torch::randn(shape, torch::kDouble).requires_grad_(true));
    EXPECT_LT(off(layer.ours(x), layer.theirs(x)), 1e-12) << layer.name;
    for (int order = 1; order <= 3; ++order) {
      const auto ours = derivatives(layer.ours, x, order), theirs = derivatives(layer.theirs, x, order);
      for (std::size_t i = 0; i < x.size(); ++i)
        EXPECT_LT(off(ours[i], theirs[i]), 1e-10) << layer.name << ", derivative " << order << " by input " << i;
    }
  }
}

TEST(Layers, TheNormsAreTorchsOwn) {
  torch::manual_seed(3);
  const Tensor x = torch::randn({4, 6}, torch::kDouble), w = torch::randn({6}, torch::kDouble), b = w.flip(0);
  const Tensor images = torch::randn({3, 6, 4, 5}, torch::kDouble);
  torch::nn::BatchNorm2d norm(6);
  norm->to(torch::kDouble);
  norm->weight.set_data(w);
  norm->bias.set_data(b);
  EXPECT_LT(off(layers::batch_norm(images, w, b), norm->forward(images)), 1e-12);
  EXPECT_LT(off(layers::layer_norm(x, w, b), torch::layer_norm(x, {6}, w, b)), 1e-12);
}

TEST(Layers, GradientsOfLeavesThatNeedNoneAreNotComputed) {
  torch::manual_seed(4);
  const Tensor x = torch::randn({2, 2, 4, 4}, torch::kDouble), b = torch::zeros({3}, torch::kDouble);
  const Tensor w = torch::randn({3, 2, 3, 3}, torch::kDouble).requires_grad_(true);
  const auto g = grad({layers::convolution(x, w, b, 1).square().sum()}, {w}, {}, true, true);
  const auto h = grad({g[0].square().sum()}, {w});
  EXPECT_EQ(h[0].sizes(), w.sizes());
}

TEST(Loss, OfNoNameIsTheUsualOneForTheTargets) {
  const auto guessed = [](const std::vector<double>& targets) {
    Dataset data;
    data.targets = torch::tensor(targets, torch::kDouble);
    return usual_loss(data);
  };
  EXPECT_EQ(guessed({0, 2, 1, 1, 0, 2}), "cross_entropy");
  EXPECT_EQ(guessed({0, 3, 1, 1, 0, 3}), "cross_entropy") << "one class is not in the sample";
  EXPECT_EQ(guessed({25, 346, 151, 75, 141, 206}), "mse");
  EXPECT_EQ(guessed({0, 340, 150, 75, 140, 200}), "mse");
  EXPECT_EQ(guessed({0, 0.5, 1}), "mse");
  EXPECT_EQ(guessed({-1, 0, 1}), "mse");
  EXPECT_EQ(guessed({1, 4, 2}), "mse");
  EXPECT_EQ(guessed({-100, 5000, 1, -100}), "cross_entropy") << "which alone ignores any";
  testing::expect_refused("data", "classes are counted from 0", [&] { guessed({1, 2, 3, 3, 2, 1}); });
}

TEST(Networks, TheDenseHessianIsSymmetricAndTheSlopeOfTheGradient) {
  for (const Case& c : all_cases()) {
    for (const std::string& loss : kLosses) {
      if (!fits(c, loss)) continue;
      const std::string what = c.model + ", " + loss;
      const Dataset data = data_for(c, loss);
      const auto f = objective(c, loss, data, ProductMethod::double_backward);
      const Tensor hessian = dense_hessian(*f);
      EXPECT_LT(off(hessian, hessian.t()), 1e-12) << what;
      torch::manual_seed(4);
      const Tensor v = torch::randn_like(parameters(*f)) / std::sqrt(static_cast<double>(f->dim()));
      // Of fourth order, so that a strongly curved norm of few numbers is no trouble.
      const Tensor slope = (4 * product_by_differences(*f, v, 1e-5) - product_by_differences(*f, v, 2e-5)) / 3;
      EXPECT_LT(off(hessian.mv(v), slope), 1e-7) << what;
    }
  }
}

TEST(Networks, AllMethodsAgree) {
  for (const Case& c : all_cases()) {
    for (const std::string& loss : kLosses) {
      if (!fits(c, loss)) continue;
      const Dataset data = data_for(c, loss);
      const auto a = objective(c, loss, data, ProductMethod::double_backward);
      const Tensor v = random_normal(*a, 5);
      for (const auto method : {ProductMethod::forward_over_reverse, ProductMethod::reverse_over_forward}) {
        const auto b = objective(c, loss, data, method);
        EXPECT_LT(off(product(*b, v), product(*a, v)), 1e-11) << c.model << ", " << loss;
      }
    }
  }
}

TEST(Networks, ChunksAddUpToTheWholeWhereNoBatchNormTiesThemTogether) {
  for (const Case& c : all_cases()) {
    if (c.model.find("norm") != std::string::npos || c.model.find("resnet") == 0) continue;
    const Dataset data = data_for(c, "cross_entropy");
    const auto whole = objective(c, "cross_entropy", data, {});
    EXPECT_EQ(whole->method(), ProductMethod::double_backward) << c.model;
    const Tensor v = random_normal(*whole, 6), expected = product(*whole, v);
    const auto chosen = objective(c, "cross_entropy", data, {}, 4)->method();
    EXPECT_EQ(chosen,
              whole->network().convolves ? ProductMethod::forward_over_reverse : ProductMethod::reverse_over_forward)
        << c.model;
    for (const auto method :
         {ProductMethod::double_backward, ProductMethod::forward_over_reverse, ProductMethod::reverse_over_forward}) {
      const auto parts = objective(c, "cross_entropy", data, method, 4);  // 6 examples: two chunks of different sizes
      EXPECT_LT(off(product(*parts, v), expected), 1e-12) << c.model;
      EXPECT_LT(off(gradient(*parts), gradient(*whole)), 1e-12) << c.model;
    }
  }
}

TEST(Networks, TheExamplesCurvaturesAverageToThatOfTheMean) {
  for (const Case& c : all_cases()) {
    const Dataset data = data_for(c, "cross_entropy");
    const auto f = objective(c, "cross_entropy", data, {});
    const Tensor v = random_normal(*f, 7);
    const Tensor curvatures = torch::tensor(f->curvatures(vector_of(v)), torch::kDouble);
    EXPECT_NEAR(curvatures.mean().item<double>() / v.dot(product(*f, v)).item<double>(), 1, 1e-10) << c.model;
  }
}

TEST(Networks, AProductCanBeRepeated) {
  for (const Case& c : all_cases()) {
    const Dataset data = data_for(c, "cross_entropy");
    const auto f = objective(c, "cross_entropy", data, {});
    const Tensor v = random_normal(*f, 8), once = product(*f, v);
    EXPECT_LT(off(product(*f, 2 * v), 2 * once), 1e-13) << c.model;
    set_parameters(*f, parameters(*f) * 1.1);
    EXPECT_GT(off(product(*f, v), once), 1e-6) << c.model << ": the kept graph is that of the parameters before";
  }
}

TEST(Networks, TheTransformerSeesNoLaterToken) {
  const Case c = {"transformer:width=8,layers=2,heads=2", {5}, 5};
  const Network network = make_network(c.model, c.shape, 4, 1);
  const Tensor a = torch::tensor({{0.f, 1.f, 2.f, 3.f, 0.f}});
  Tensor b = a.clone();
  b[0][3] = 1;
  const Tensor difference = (network.forward(a) - network.forward(b)).abs().amax({0, 2});
  EXPECT_EQ(difference.slice(0, 0, 3).max().item<float>(), 0);
  EXPECT_GT(difference[3].item<float>(), 1e-4);
  EXPECT_GT(difference[4].item<float>(), 1e-4);
}

TEST(Networks, StartAsPyTorchDoes) {
  // U(-1/sqrt(fan in), 1/sqrt(fan in)) for affine layers and convolutions, ones and zeros for norms.
  for (const auto& [model, shape] : {std::pair(std::string("cnn:16-32:relu:batch_norm"), std::vector<int64_t>{3, 8, 8}),
                                     std::pair(std::string("resnet:16-32"), std::vector<int64_t>{3072})}) {
    for (const NamedTensor& p : make_network(model, shape, 10, 0).parameters) {
      if (p.name.find("norm") != std::string::npos) {
        const bool weight = p.name.find("weight") != std::string::npos;
        EXPECT_TRUE((p.tensor == (weight ? 1 : 0)).all().item<bool>()) << p.name;
      } else if (p.tensor.dim() > 1) {
        const double bound = 1 / std::sqrt(static_cast<double>(p.tensor[0].numel()));
        EXPECT_LE(p.tensor.abs().max().item<double>(), bound * (1 + 1e-6)) << p.name;
        EXPECT_GT(p.tensor.abs().max().item<double>(), 0.8 * bound) << p.name;
      }
    }
  }
}

TEST(Networks, EveryOneMakesItsExample) {
  for (const NetworkSpec& spec : network_table()) {
    const bool language = spec.name == "transformer";
    const Network network = make_network(spec.example, {64}, 10, 0);
    const Tensor inputs = language ? torch::randint(10, {2, 64}).to(torch::kFloat) : torch::randn({2, 64});
    EXPECT_EQ(network.forward(inputs).sizes(),
              (language ? torch::IntArrayRef({2, 64, 10}) : torch::IntArrayRef({2, 10})).vec());
    const Tensor again = make_network(spec.example, {64}, 10, 0).forward(inputs);
    EXPECT_TRUE(torch::equal(network.forward(inputs), again)) << spec.name << ": not settled by the seed";
  }
}

TEST(Networks, LeaveTheCallersDrawingsAsTheyWere) {
  torch::manual_seed(5);
  const Tensor expected = torch::randn({3});
  torch::manual_seed(5);
  make_network("mlp:64-8-10", {64}, 10, 0);
  EXPECT_TRUE(torch::equal(torch::randn({3}), expected));
}

TEST(Networks, RefuseWhatTheyCannotBe) {
  struct Refusal {
    std::string model;
    std::vector<int64_t> shape;
    std::string says;
  };
  for (const Refusal& r : std::vector<Refusal>{
           {"cnn:0-4", {64}, "list of widths"},
           {"cnn:4:swish", {64}, "tanh, relu, gelu, silu"},
           {"cnn:4:relu:dropout", {64}, "batch_norm or nothing"},
           {"cnn:4:relu:batch_norm:x", {64}, "batch_norm or nothing"},
           {"cnn:4", {30}, "no square image"},
           {"resnet:4:none", {64}, "number of blocks"},
           {"resnet:4:0", {64}, "number of blocks"},
           {"resnet:4:1:1", {64}, "number of blocks"},
           {"resnet", {65}, "no square image"},
           {"transformer:depth=3", {8}, "width=N"},
           {"transformer:width", {8}, "width=N"},
           {"transformer:width=x", {8}, "whole number"},
           {"transformer:width=6,heads=4", {8}, "no multiple"},
           {"transformer:vocabulary=3", {8}, "targets need 10"},
           {"transformer", {3, 8, 8}, "one row of tokens"},
       }) {
    try {
      make_network(r.model, r.shape, 10, 0);
      ADD_FAILURE() << r.model << " was taken";
    } catch (const InputError& e) {
      const std::string said = e.what();
      EXPECT_NE(said.find(r.says), std::string::npos) << said;
      EXPECT_EQ(said.rfind("model", 0), 0u) << said;
      EXPECT_NE(said.find(r.model.substr(0, r.model.find(':'))), std::string::npos) << said;
      EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
  }
  const Network network = make_network("transformer:width=4,heads=1", {3}, 4, 0);
  EXPECT_THROW(network.forward(torch::full({1, 3}, 4.f)), InputError);
  EXPECT_THROW(network.forward(torch::full({1, 3}, -1.f)), InputError);
}

}  // namespace
}  // namespace etamax
