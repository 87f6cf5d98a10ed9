// Curvature of real models against closed forms, dense Hessians and finite differences.
#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cmath>

#include "dense.h"
#include "etamax/model/objective.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::gradient;
using testing::largest_eigenvalue;
using testing::parameters;
using testing::product;
using testing::product_by_differences;
using testing::random_normal;
using testing::set_parameters;
using testing::with_ones;

using torch::Tensor;

Dataset random_data(int64_t examples, int64_t features, int64_t classes, std::uint64_t seed) {
  torch::manual_seed(seed);
  Dataset data;
  data.name = "random";
  data.inputs = torch::randn({examples, features}, torch::kDouble);
  data.targets =
      classes > 0 ? torch::randint(classes, {examples}).to(torch::kDouble) : torch::randn({examples}, torch::kDouble);
  if (classes > 0)
    for (int64_t c = 0; c < classes; ++c) data.targets[c] = c;
  return data;
}

ModelObjective objective(const std::string& model, const Dataset& data, const std::string& loss_name,
                         int64_t chunk = 4096, torch::ScalarType type = torch::kDouble) {
  const LossSpec& loss = find_loss(loss_name);
  const Network network = make_network(model, {data.inputs.size(1)}, loss.outputs(data.targets), 0);
  return ModelObjective(network, data, loss, {chunk, type, torch::kCPU, {}});
}

/// The certified interval holds the closed form, and is as narrow as was asked for.
void expect_certified(ModelObjective& f, double truth) {
  const LanczosResult result = certify_spectrum<Vector>(f, {1e-3, 0.999, 200, 0, {}});
  EXPECT_TRUE(result.reached_gap);
  EXPECT_LE(result.extremes.largest.lower, truth * (1 + 1e-9));
  EXPECT_GE(result.extremes.largest.upper, truth * (1 - 1e-9));
}

TEST(ClosedForm, LeastSquares) {
  const Dataset data = random_data(60, 5, 0, 1);
  ModelObjective f = objective("linear", data, "mse");
  const Tensor x = with_ones(data.inputs);
  const double truth = 2.0 / 60 * largest_eigenvalue(x.t().mm(x));
  EXPECT_NEAR(largest_eigenvalue(dense_hessian(f)) / truth, 1, 1e-10);
  expect_certified(f, truth);
  // Gradient descent at 0.99 and 1.01 times the edge.
  for (const double factor : {0.99, 1.01}) {
    ModelObjective run = objective("linear", data, "mse");
    Tensor w = parameters(run);
    double early = 0;
    for (int step = 0; step < 1500; ++step) {
      w = w - factor * 2 / truth * gradient(run);
      set_parameters(run, w);
      if (step == 500) early = run.loss();
    }
    if (factor < 1)
      EXPECT_LE(run.loss(), early);
    else
      EXPECT_GT(run.loss(), 10 * early);
  }
}

TEST(ClosedForm, LogisticRegression) {
  const Dataset data = random_data(80, 4, 2, 2);
  ModelObjective f = objective("linear", data, "bce");
  const Tensor w = parameters(f);
  const Tensor x = with_ones(data.inputs), s = torch::sigmoid(x.mv(w));
  const double truth = largest_eigenvalue(x.t().mm((s * (1 - s)).unsqueeze(1) * x)) / 80;
  EXPECT_NEAR(largest_eigenvalue(dense_hessian(f)) / truth, 1, 1e-10);
  set_parameters(f, torch::zeros_like(w));
  expect_certified(f, largest_eigenvalue(x.t().mm(x)) / 4 / 80);
}

TEST(ClosedForm, SoftmaxRegression) {
  const Dataset data = random_data(50, 3, 4, 3);
  ModelObjective f = objective("linear", data, "cross_entropy");
  const Tensor flat = parameters(f), weight = flat.slice(0, 0, 12).view({4, 3}), bias = flat.slice(0, 12, 16);
  const Tensor p = torch::softmax(data.inputs.mm(weight.t()) + bias, 1), x = with_ones(data.inputs);
  Tensor truth = torch::zeros({16, 16}, torch::kDouble);
  for (int64_t i = 0; i < 50; ++i) truth += torch::kron(p[i].diag() - p[i].outer(p[i]), x[i].outer(x[i])) / 50;
  EXPECT_NEAR(largest_eigenvalue(dense_hessian(f)) / largest_eigenvalue(truth), 1, 1e-10);
  expect_certified(f, largest_eigenvalue(truth));
}

TEST(Products, EqualFiniteDifferencesOfTheGradient) {
  for (const std::string loss : {"mse", "bce", "cross_entropy", "huber"}) {
    for (const std::string activation : {"tanh", "gelu"}) {
      const Dataset data = random_data(20, 4, loss == "mse" || loss == "huber" ? 0 : loss == "bce" ? 2 : 3, 4);
      const std::string last = loss == "cross_entropy" ? "3" : "1";
      ModelObjective f = objective("mlp:4-6-5-" + last + ":" + activation, data, loss);
      const Tensor v = torch::randn_like(parameters(f)), found = product(f, v);
      EXPECT_LT((found - product_by_differences(f, v, 1e-5)).norm().item<double>(),
                1e-6 * (1 + found.norm().item<double>()))
          << loss << " " << activation;
      const Tensor hessian = dense_hessian(f);
      EXPECT_LT((hessian - hessian.t()).abs().max().item<double>(), 1e-12) << loss;
    }
  }
}

TEST(Products, ChunksAddUpToTheWhole) {
  const Dataset data = random_data(103, 4, 3, 5);
  ModelObjective whole = objective("mlp:4-8-3:tanh", data, "cross_entropy");
  const Tensor v = torch::randn({static_cast<int64_t>(whole.dim())}, torch::kDouble);
  const Tensor expected = product(whole, v);
  for (const int64_t chunk : {1, 10, 100}) {  // 103 is no multiple of any
    ModelObjective parts = objective("mlp:4-8-3:tanh", data, "cross_entropy", chunk);
    EXPECT_LT((product(parts, v) - expected).abs().max().item<double>(), 1e-13) << chunk;
    EXPECT_NEAR(parts.loss(), whole.loss(), 1e-13);
    EXPECT_LT((gradient(parts) - gradient(whole)).abs().max().item<double>(), 1e-13);
  }
}

TEST(Products, SingleAgreesWithDoublePrecision) {
  const Dataset data = random_data(200, 8, 5, 6);
  ModelObjective wide = objective("mlp:8-16-5:tanh", data, "cross_entropy");
  ModelObjective narrow = objective("mlp:8-16-5:tanh", data, "cross_entropy", 4096, torch::kFloat);
  set_parameters(wide, parameters(narrow).to(torch::kDouble));
  const auto a = certify_spectrum<Vector>(wide, {0.02, 0.999, 200, 0, {}});
  const auto b = certify_spectrum<Vector>(narrow, {0.02, 0.999, 200, 0, {}});
  EXPECT_NEAR(b.extremes.largest.lower / a.extremes.largest.lower, 1, 1e-4);
}

TEST(Parameters, FrozenAndUnusedOnesAreLeftOutAndNamed) {
  const Dataset data = random_data(10, 3, 0, 7);
  struct Odd : torch::nn::Module {
    torch::nn::Linear used{nullptr}, frozen{nullptr}, unused{nullptr};
    Odd() {
      used = register_module("used", torch::nn::Linear(3, 1));
      frozen = register_module("frozen", torch::nn::Linear(3, 1));
      unused = register_module("unused", torch::nn::Linear(3, 1));
      for (auto& p : frozen->parameters()) p.set_requires_grad(false);
    }
  };
  auto odd = std::make_shared<Odd>();
  const Network network = network_of("odd", odd, [odd](const Tensor& x) { return odd->used(x) + odd->frozen(x); });
  ModelObjective f(network, data, find_loss("mse"), {4096, torch::kDouble, torch::kCPU, {}});
  EXPECT_EQ(f.dim(), 4u);
  EXPECT_EQ(f.frozen(), (std::vector<std::string>{"frozen.weight", "frozen.bias"}));
  EXPECT_EQ(f.unused(), (std::vector<std::string>{"unused.weight", "unused.bias"}));
  expect_certified(f, 2.0 / 10 * largest_eigenvalue(with_ones(data.inputs).t().mm(with_ones(data.inputs))));
}

TEST(TensorVector, SumsAMillionNumbersInDoublePrecision) {
  const Vector x = vector_of(torch::full({1 << 20}, 0.1f));
  const double truth = (1 << 20) * static_cast<double>(0.1f) * static_cast<double>(0.1f);
  EXPECT_NEAR(x.dot(x) / truth, 1, 1e-12);
}

TEST(KeptGraph, IsMadeAnewWhenTheParametersWereWrittenTo) {
  const Dataset data = random_data(30, 4, 3, 1);
  const LossSpec& loss = find_loss("cross_entropy");
  const Network network = make_network("mlp:4-5-3:tanh", {4}, 3, 0);
  ModelObjective f(network, data, loss, {4096, torch::kDouble, torch::kCPU, {}});
  const Tensor v = random_normal(f, 1), before = product(f, v);
  {
    ModelObjective other(network, data, loss, {4096, torch::kDouble, torch::kCPU, {}});
    set_parameters(other, 2 * parameters(other));
  }  // puts them back
  EXPECT_TRUE(product(f, v).equal(before));
  {
    const torch::NoGradGuard no_gradient;
    network.parameters[0].tensor.mul_(2);
  }
  const Tensor changed = product(f, v);
  EXPECT_LT((changed - product_by_differences(f, v, 1e-5)).norm().item<double>(), 1e-6 * changed.norm().item<double>());
  EXPECT_GT((changed - before).norm().item<double>(), 1e-3 * before.norm().item<double>());
}

}  // namespace
}  // namespace etamax
