// Models that PyTorch's Python has saved, and what it computes with them.
#include "etamax/model/torchscript.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "../refusal.h"
#include "etamax/analyze/analyze.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"
#include "etamax/model/setup.h"
#include "etamax/model/table_data.h"
#include "etamax/tune/tune.h"
#include "tensors.h"
#include "written_by_python.h"

namespace etamax {
namespace {

using testing::distance;
using testing::expect_in;
using testing::expect_refused;
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

// A single example is no batch for batch norm: a rest of one joins the batch, or the chunk, before it.
TEST_F(Torchscript, BatchNormAndARestOfOneExample) {
  Dataset data;
  data.name = "made up";
  torch::manual_seed(3);
  data.inputs = torch::randn({33, 6}, torch::kDouble);
  data.targets = torch::arange(33, torch::kDouble).remainder(3);
  const LossSpec& loss = find_loss("cross_entropy");
  ModelProblem problem(load_torchscript(path("normed.pt"), {6}), data, loss, {});
  EXPECT_EQ(problem.objective().least_batch(), 2);
  EXPECT_EQ(analyze(problem, {.batch_size = 8, .steps = 8, .starts = 1}).answer.empty(), false);
  expect_refused("batch_size", "1 is not enough", [&] { analyze(problem, {.batch_size = 1}); });
  TuneOptions options;
  options.steps = 16;
  options.budget = 6;
  options.batch_size = 16;
  const Tuning tuned = tune(problem, options);
  EXPECT_LE(tuned.budget.spent, tuned.budget.limit);
  EXPECT_EQ(tuned.batch_size, 16);

  ModelObjective whole(load_torchscript(path("normed.pt"), {6}), data, loss, {.chunk = 33, .type = torch::kDouble});
  ModelObjective one(load_torchscript(path("normed.pt"), {6}), data, loss, {.chunk = 32, .type = torch::kDouble});
  EXPECT_EQ(one.loss(), whole.loss());
  ModelObjective plain(load_torchscript(path("row.pt"), {6}), data, loss, {});
  EXPECT_EQ(plain.least_batch(), 1);
}

TEST_F(Torchscript, ResultsThatAreNoMatrix) {
  Dataset data;
  torch::manual_seed(4);
  data.inputs = torch::randn({9, 6}, torch::kDouble);
  data.targets = data.inputs.sum(1);
  ModelObjective flat(load_torchscript(path("squeezed.pt"), {6}), data, find_loss("mse"), {.type = torch::kDouble});
  const Tensor w = testing::parameters(flat);
  const Tensor expected = (data.inputs.mv(w.slice(0, 0, 6)) + w[6] - data.targets).square().mean();
  EXPECT_NEAR(flat.loss(), expected.item<double>(), 1e-13);
  EXPECT_EQ(flat.losses().size(), 9u);

  const Network several = load_torchscript(path("several.pt"), {6}), logits = load_torchscript(path("logits.pt"), {6});
  EXPECT_EQ(several.notes, std::vector<std::string>{"its forward gives a tuple of 2: the loss is of the first"});
  EXPECT_EQ(logits.notes, std::vector<std::string>{"its forward gives a dict of 2: the loss is of 'logits'"});
  EXPECT_TRUE(several.forward(data.inputs).equal(data.inputs));
  EXPECT_EQ(logits.forward(data.inputs).size(1), 2);
}

TEST_F(Torchscript, SeveralInputsByNameOrInTheirOrder) {
  const double loss = tensor_of(open_npz("", read_whole_file(path("arguments_loss.npz"))).read("loss")).item<double>();
  const auto network = [&](const Dataset& data) {
    return make_network(path("gated.pt"), data.inputs.sizes().slice(1).vec(), 4, 0, data.parts);
  };
  for (const std::string& name : {std::string("arguments.npz"), std::string("in_order.npz"),
                                  std::string("arguments.npz,inputs=tokens+mask+numbers,targets=labels")}) {
    const Dataset data = load_data(path(name));
    ASSERT_EQ(data.parts.size(), 3u) << name;
    ModelObjective f(network(data), data, find_loss("cross_entropy"), {.type = torch::kDouble});
    EXPECT_NEAR(f.loss(), loss, 1e-12) << name;
  }
  expect_in("its forward takes tokens, mask, numbers, but the data have a, b",
            refusal([&] { network(load_data(path("in_order.npz") + ",inputs=a+b,targets=labels")); }));
  const Dataset beyond = load_data(path("arguments.npz"));
  beyond.inputs.slice(1, 7, 8).slice(0, 5).fill_(99);  // a token
  ModelObjective f(network(beyond), beyond, find_loss("cross_entropy"), {});
  expect_refused("model", "index out of range", [&] { f.loss(); });
  expect_in("but the data have one array of inputs",
            refusal([&] { network(load_data(path("in_order.npz") + ",inputs=a,targets=labels")); }));
}

TEST_F(Torchscript, TargetsOfEveryShapeAreEagerPytorchs) {
  const ArrayFile facts = open_npz("facts", read_whole_file(path("targets.npz")));
  const auto fact = [&](const std::string& name) { return tensor_of(facts.read(name)); };
  for (const std::string& name : {std::string("classes"), std::string("ignored"), std::string("soft")}) {
    SCOPED_TRACE(name);
    const Dataset data = load_data(path(name + ".npz"));
    EXPECT_EQ(usual_loss(data), "cross_entropy");
    for (const int64_t chunk : {100, 2}) {
      ModelObjective f(
          make_network(path(name == "soft" ? "row.pt" : "pixels.pt"), data.inputs.sizes().slice(1).vec(), 3, 0), data,
          find_loss("cross_entropy"), {.chunk = chunk, .type = torch::kDouble});
      EXPECT_NEAR(f.loss(), fact(name + "_loss").item<double>(), 1e-13);
      EXPECT_LT(distance(gradient(f), fact(name + "_gradient")), 1e-13);
      if (name != "soft") {
        EXPECT_NEAR(f.batch_gradient({1, 2, 3}).loss, fact(name + "_batch").item<double>(), 1e-13);
      }
      const std::vector<double> losses = f.losses();
      EXPECT_NEAR(std::accumulate(losses.begin(), losses.end(), 0.0) / 5, f.loss(), 1e-13);
      const Tensor v = random_normal(f, 1);
      const std::vector<double> curvatures = f.curvatures(vector_of(v));
      EXPECT_NEAR(std::accumulate(curvatures.begin(), curvatures.end(), 0.0) / 5, v.dot(product(f, v)).item<double>(),
                  1e-11);
      EXPECT_LT(f.baseline().value(), std::log(3) + 1e-12);
    }
  }
}

TEST_F(Torchscript, BatchNormTracedInEvaluationIsNoted) {
  const auto notes = [](const char* name) { return load_torchscript(path(name), {6}).notes; };
  ASSERT_EQ(notes("traced_eval.pt").size(), 1u);
  expect_in("keeps the statistics that it was saved with", notes("traced_eval.pt").front());
  for (const char* name : {"traced_train.pt", "normed.pt"}) EXPECT_TRUE(notes(name).empty()) << name;
}

TEST_F(Torchscript, ALossOfOnesOwn) {
  const Dataset data = load_data(path("own.npz"));
  const auto objective = [&](const std::string& loss, const std::string& model) {
    return std::make_unique<ModelObjective>(make_network(path(model), {6}, 3, 0), data, find_loss(path(loss), data),
                                            ModelObjectiveOptions{.type = torch::kDouble});
  };
  const auto labels = objective("own_of_labels.torchscript", "row.pt");
  const double loss = tensor_of(open_npz("", read_whole_file(path("own_facts.npz"))).read("loss")).item<double>();
  EXPECT_NEAR(labels->loss(), loss, 1e-12);
  EXPECT_FALSE(labels->baseline());
  const Tensor v = random_normal(*labels, 1);
  EXPECT_LT(distance(product(*labels, v), product_by_differences(*labels, v, 1e-5)), 1e-6);
  const auto own = objective("own.torchscript", "squeezed.pt");
  EXPECT_EQ(own->losses().size(), 7u);
  expect_refused("loss", "gives a single number for 2 examples; it must give each example's loss",
                 [&] { objective("own_mean.torchscript", "squeezed.pt"); });
  expect_refused("loss", "was written by torch.save", [&] { objective("weights.pt", "row.pt"); });
  expect_refused("loss", "there is no such file", [&] { objective("missing.torchscript", "row.pt"); });

  ModelSetup setup;
  setup.model = "mlp:6-8-3";
  setup.data = path("own.npz");
  setup.loss = path("own_of_labels.torchscript");
  const auto problem = make_problem(setup);
  EXPECT_FALSE(analyze(*problem, {.steps = 8, .starts = 1}).answer.empty());
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
      {"traced_dropout.pt", "two results for the same inputs: dropout is still on in it, or it changes its own"},
      {"missing.pt", "there is no such file"}};
  for (const auto& [name, reason] : cases) {
    const std::string said = load(name, {1, 6, 6});
    expect_in(reason, said);
    expect_in(name, said);
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  // Two numbers for each example: dropout's mask is often the same for some of them.
  for (int repeated = 0; repeated < 100; ++repeated) expect_in("dropout is still on", load("careless.pt", {6}));
  expect_in("or it changes its own weights or inputs", load("forgets.pt", {6}));
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
