// Models that PyTorch's Python has saved, and what it computes with them.
#include "etamax/model/torchscript.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <fstream>

#include "../refusal.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"
#include "etamax/model/objective.h"
#include "etamax/model/table_data.h"
#include "tensors.h"
#include "written_by_python.h"

namespace etamax {
namespace {

using testing::distance;
using testing::expect_in;
using testing::gradient;
using testing::product;
using testing::product_by_differences;
using testing::random_normal;
using testing::refusal;

using torch::Tensor;

struct TorchscriptFiles {
  static constexpr const char *kScript = "torchscript_models.py", *kExample = "export_torchscript.py";
};

class Torchscript : public testing::WrittenByPython<TorchscriptFiles> {
 protected:
  static std::string load(const std::string& name, const std::vector<int64_t>& shape) {
    return refusal([&] { load_torchscript(path(name), shape); });
  }
};

TEST_F(Torchscript, LossGradientAndHessianAreEagerPytorchs) {
  const Dataset data = load_data("npz:" + path("facts.npz"));
  const ArrayFile facts = open_npz("facts", read_whole_file(path("facts.npz")));
  const auto fact = [&](const char* name) { return tensor_of(facts.read(name)); };
  for (const char* name : {"scripted.pt", "traced.pt"})
    for (const auto method : {std::optional(ProductMethod::double_backward), std::optional<ProductMethod>()}) {
      Network network = make_network(path(name), {1, 6, 6}, 4, 0);
      EXPECT_TRUE(network.convolves);
      ModelObjective f(std::move(network), data, find_loss("cross_entropy"),
                       {.type = torch::kDouble, .method = method});
      EXPECT_EQ(f.frozen(), (std::vector<std::string>{"frozen.weight", "frozen.bias"}));
      EXPECT_EQ(f.blocks().front().name, "conv.weight");
      EXPECT_NEAR(f.loss(), fact("loss").item<double>(), 1e-12);
      EXPECT_LT(distance(gradient(f), fact("gradient")), 1e-12);
      const Tensor v = fact("v");
      for (int repeated = 0; repeated < 3; ++repeated)  // an executor that profiles changes its mind after two runs
        EXPECT_LT(distance(product(f, v), fact("product")), 1e-11) << name;
      EXPECT_LT(distance(product(f, v), product_by_differences(f, v, 1e-5)), 1e-6);
    }
}

TEST_F(Torchscript, TokensAndTheExample) {
  const Dataset data = load_data("copying:length=3,vocabulary=5,examples=20");
  ModelObjective f(make_network(path("tokens.pt"), {6}, 5, 0), data, find_loss("cross_entropy"),
                   {.type = torch::kDouble});
  EXPECT_EQ(f.loss(), f.loss());
  const Tensor v = random_normal(f, 1);
  EXPECT_LT(distance(product(f, v), product_by_differences(f, v, 1e-5)), 1e-6);

  const Dataset digits = load_data("digits");
  ModelObjective example(make_network(path("example.pt"), {64}, 10, 0), digits, find_loss("cross_entropy"), {});
  EXPECT_NEAR(example.loss(), std::log(10), 0.5);
  EXPECT_EQ(example.dim(), 64u * 128 + 128 + 2 * 128 + 128 * 10 + 10);
}

TEST_F(Torchscript, LoadingAndProbingChangeNoBuffer) {
  const Network network = load_torchscript(path("scripted.pt"), {1, 6, 6});
  for (const NamedTensor& b : network.buffers)
    if (b.name == "norm.num_batches_tracked") {
      EXPECT_EQ(b.tensor.item<int64_t>(), 2) << "not the forward passes made in Python";
    }
}

TEST_F(Torchscript, WhatIsNoModelIsRefusedInOneLine) {
  std::ofstream(path("text.pt")) << "no model";
  std::ofstream(path("empty.pt"));
  std::filesystem::copy_file(path("facts.npz"), path("arrays.pt"));
  const std::string whole = read_whole_file(path("scripted.pt"));
  std::ofstream(path("cut.pt"), std::ios::binary) << whole.substr(0, whole.size() / 2);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"text.pt", "is no TorchScript file; save the model itself with torch.jit.script"},
      {"empty.pt", "is no TorchScript file"},
      {"arrays.pt", "is a zip file, but no TorchScript"},
      {"cut.pt", "is no whole zip file"},
      {"weights.pt", "was written by torch.save"},
      {"old.pt", "was written by torch.save"},
      {"frozen.pt", "has no parameters"},
      {"traced_dropout.pt", "two results for the same inputs: dropout is still on"},
      {"missing.pt", "there is no such file"}};
  for (const auto& [name, reason] : cases) {
    const std::string said = load(name, {1, 6, 6});
    expect_in(reason, said);
    expect_in(name, said);
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  // Two numbers for each example: dropout's mask is often the same for some of them.
  for (int repeated = 0; repeated < 100; ++repeated) expect_in("dropout is still on", load("careless.pt", {6}));
  expect_in("is a folder", refusal([&] { make_network(folder_.string(), {6}, 2, 0); }));

  const Dataset digits = load_data("digits");
  const auto analyze = [&](const std::string& name) {
    return refusal(
        [&] { ModelObjective(make_network(path(name), {64}, 10, 0), digits, find_loss("cross_entropy"), {}); });
  };
  for (const char* name : {"pair.pt", "scripted.pt"}) {
    const std::string said = analyze(name);
    expect_in("cannot take examples of shape", said);
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace etamax
