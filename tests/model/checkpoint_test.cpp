// Checkpoints that PyTorch's Python has saved: with the state in them, our next step is PyTorch's.
#include "etamax/model/checkpoint.h"

#include <gtest/gtest.h>
#include <torch/nn.h>

#include <filesystem>
#include <fstream>

#include "../files/made_files.h"
#include "../refusal.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"
#include "etamax/model/saved_optimizer.h"
#include "etamax/model/setup.h"
#include "etamax/model/table_data.h"
#include "tensors.h"
#include "written_by_python.h"

namespace etamax {
namespace {

using testing::distance;
using testing::expect_in;
using testing::refusal;

using torch::Tensor;

struct CheckpointsFiles {
  static constexpr const char *kScript = "checkpoints.py", *kExample = "save_checkpoint.py";
};

class Checkpoints : public testing::WrittenByPython<CheckpointsFiles> {
 protected:
  /// The network of checkpoints.py, whose middle layer is frozen.
  static Network network() {
    using namespace torch::nn;
    Sequential layers(Linear(6, 5), Functional(torch::tanh), Linear(5, 5), Functional(torch::tanh), Linear(5, 3));
    layers->to(torch::kDouble);
    for (auto& p : layers[2]->parameters()) p.set_requires_grad(false);
    return network_of("net", layers.ptr(), [layers](const Tensor& x) mutable { return layers->forward(x); });
  }
  static std::vector<ShapedBlock> blocks(const Network& network) {
    std::vector<ShapedBlock> list;
    int64_t at = 0;
    for (const NamedTensor& p : network.parameters)
      if (p.tensor.requires_grad()) {
        list.push_back({p.name, p.tensor.sizes().vec(), at, at + p.tensor.numel()});
        at += p.tensor.numel();
      }
    return list;
  }
  static Tensor flat(const Network& network) {
    std::vector<Tensor> parts;
    for (const NamedTensor& p : network.parameters)
      if (p.tensor.requires_grad()) parts.push_back(p.tensor.detach().flatten());
    return torch::cat(parts);
  }
};

TEST_F(Checkpoints, TheNextStepIsPytorchs) {
  struct Case {
    const char *file, *optimizer;
    double lr;
    Settings settings;
  };
  const std::vector<Case> cases = {{"sgd.pt", "sgd", 0.1, {{"momentum", 0.9}}},
                                   {"adam.pt", "adam", 0.01, {{"beta1", 0.8}, {"beta2", 0.99}}},
                                   {"adam.safetensors", "adam", 0.01, {{"beta1", 0.8}, {"beta2", 0.99}}},
                                   {"named.pt", "adam", 0.01, {{"beta1", 0.8}, {"beta2", 0.99}}},
                                   {"adamw.pt", "adamw", 0.01, {{"weight_decay", 0.1}}},
                                   {"rmsprop.pt", "rmsprop", 0.01, {{"momentum", 0.5}, {"centered", 1}}},
                                   {"adagrad.pt", "adagrad", 0.1, {}}};
  for (const Case& c : cases) {
    const Checkpoint checkpoint = read_checkpoint(path(c.file));
    Network net = network();
    load_weights(checkpoint, net);
    const ArrayFile facts = open_npz("facts", read_whole_file(path(std::string(c.optimizer) + ".npz")));
    EXPECT_TRUE(flat(net).equal(tensor_of(facts.read("before")))) << c.file;
    const OptimizerSpec& spec = find_optimizer(c.optimizer);
    const HyperparameterValues values = hyperparameter_values(spec, c.settings);
    const auto saved = saved_state(checkpoint, net, blocks(net), spec, values);
    ASSERT_TRUE(saved) << c.file;
    EXPECT_EQ(saved->step, std::string(c.optimizer) == "sgd" ? 1 : 5);  // SGD keeps no step
    const auto span = [](const Tensor& t) {
      return std::span(t.data_ptr<double>(), static_cast<std::size_t>(t.numel()));
    };
    Tensor x = flat(net).clone(), state = saved->state.clone();
    const Tensor gradient = tensor_of(facts.read("gradient"));
    spec.step(values, c.lr, saved->step + 1, span(gradient), span(x), span(state));
    EXPECT_LT(distance(x, tensor_of(facts.read("after"))), 1e-14) << c.file;
  }
}

TEST_F(Checkpoints, TheFilesOwnHyperparametersAreKnown) {
  const Checkpoint checkpoint = read_checkpoint(path("adam.pt"));
  const auto setting = [&](const std::string& name) {
    for (const auto& [key, value] : checkpoint.settings)
      if (key == name) return value;
    return -1.0;
  };
  EXPECT_EQ(setting("lr"), 0.01);
  EXPECT_EQ(setting("beta2"), 0.99);
  EXPECT_FALSE(read_checkpoint(path("weights.pt")).has_optimizer());
}

// PyTorch stores no optimizer's class: its keys tell it, and the file's hyperparameters hold but for those that are
// given.
TEST_F(Checkpoints, TheOptimizerIsReadFromTheFile) {
  const auto choose = [&](const std::string& file, const std::string& name, const Settings& settings) {
    const Checkpoint checkpoint = read_checkpoint(path(file));
    const ChosenOptimizer chosen = choose_optimizer(&checkpoint, name, settings);
    return std::pair(make_optimizer(chosen.name, chosen.settings), chosen);
  };
  const auto value = [](const Optimizer& o, const char* name) { return hyperparameter(*o.spec, o.values, name, -1); };
  for (const char* name : {"sgd", "adam", "rmsprop", "adagrad"})
    EXPECT_EQ(choose(std::string(name) + ".pt", "", {}).first.spec->name, name);
  const auto [rmsprop, from] = choose("rmsprop.pt", "", {{"alpha", 0.9}});
  EXPECT_EQ(value(rmsprop, "momentum"), 0.5);
  EXPECT_EQ(value(rmsprop, "centered"), 1);
  EXPECT_EQ(value(rmsprop, "alpha"), 0.9);
  EXPECT_EQ(from.lr, 0.01);
  EXPECT_EQ(from.note, "optimizer read from " + path("rmsprop.pt") +
                           ": rmsprop, lr 0.01, eps 1e-8, weight_decay 0, momentum 0.5, centered 1");
  EXPECT_EQ(value(choose("adam.pt", "Adam", {}).first, "beta1"), 0.8);
  EXPECT_EQ(value(choose("adam.pt", "adamw", {}).first, "beta1"), 0.8);  // without decay they are the same
  EXPECT_EQ(choose("adam.pt", "gd", {}).second.note, "");
  EXPECT_EQ(choose("weights.pt", "", {{"momentum", 0.5}}).first.spec->name, "sgd");
  expect_in("does not tell whether its optimizer is adam or adamw; say `optimizer=adam` or `optimizer=adamw`",
            refusal([&] { choose("adamw.pt", "", {}); }));
  EXPECT_EQ(value(choose("adamw.pt", "adamw", {}).first, "weight_decay"), 0.1);
  Checkpoint newer = read_checkpoint(path("adamw.pt"));
  newer.settings.emplace_back("decoupled_weight_decay", 1);  // since PyTorch 2.7
  EXPECT_EQ(choose_optimizer(&newer, "", {}).name, "adamw");
  newer.settings = {{"lr", 0.1}, {"beta1", 0.9}, {"beta2", 0.999}, {"eps", 1e-8}, {"weight_decay", 0}};
  expect_in("none of those here", refusal([&] { choose_optimizer(&newer, "", {}); }));  // Adamax
  newer.settings = {{"lr", 0.1}, {"beta1", 0.9}, {"beta2", 0.99}, {"weight_decay", 0}};
  EXPECT_EQ(choose_optimizer(&newer, "", {}).name, "lion");
  newer.settings.emplace_back("maximize", 1);
  expect_in("ran with maximize", refusal([&] { choose_optimizer(&newer, "", {}); }));

  ModelSetup setup;
  setup.model = "mlp:64-32-10:tanh";
  setup.checkpoint = path("example.pt");
  const auto problem = make_problem(setup);
  EXPECT_EQ(problem->optimizer().spec->name, "adam");
  EXPECT_EQ(problem->saved_lr(), 1e-3);
  expect_in("optimizer read from", problem->description().notes.front());
  EXPECT_EQ(problem->description().loss_basis, "the targets are labels 0 to 9");
}

TEST_F(Checkpoints, TheExampleFitsItsNetwork) {
  Network net = make_network("mlp:64-32-10:tanh", {64}, 10, 0);
  const Checkpoint checkpoint = read_checkpoint(path("example.pt"));
  load_weights(checkpoint, net);
  const OptimizerSpec& adam = find_optimizer("adam");
  const auto saved = saved_state(checkpoint, net, blocks(net), adam, hyperparameter_values(adam, {}));
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->step, 20);
  EXPECT_EQ(saved->state.numel(), 2 * (64 * 32 + 32 + 32 * 10 + 10));
}

TEST_F(Checkpoints, WhatDoesNotFitIsNamed) {
  const auto load = [&](const std::string& file) {
    return refusal([&] {
      Network net = network();
      load_weights(read_checkpoint(path(file)), net);
    });
  };
  std::ofstream(path("text.pt")) << "no checkpoint at all";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"other.pt", "lacks '0.weight', '0.bias', '2.weight' and 3 more of the model, and has 'weight', 'bias' instead"},
      {"more.pt", "has '5.weight', which the model has not"},
      {"shape.pt", "'0.weight' is 5 x 7, but 5 x 6 in the model"},
      {"nan.pt", "'0.bias' is not finite"},
      {"object.pt", "holds no weights"},
      {"old.pt", "before PyTorch 1.6"},
      {"text.pt", "is no safetensors file"},
      {"missing.pt", "cannot be read"},
      {"adam.npz", "was not written by torch.save"}};
  for (const auto& [file, reason] : cases) {
    expect_in(reason, load(file));
    expect_in(file, load(file));
  }
  EXPECT_EQ(load("weights.pt"), "(accepted)");

  const auto state = [&](const std::string& file, const std::string& optimizer, const Settings& settings) {
    return refusal([&] {
      const Network net = network();
      const OptimizerSpec& spec = find_optimizer(optimizer);
      saved_state(read_checkpoint(path(file)), net, blocks(net), spec, hyperparameter_values(spec, settings));
    });
  };
  expect_in("has no 'momentum_buffer', which sgd needs, but 'exp_avg', 'exp_avg_sq'",
            state("adam.pt", "sgd", {{"momentum", 0.9}}));
  expect_in("has no 'exp_avg', which adam needs", state("sgd.pt", "adam", {}));
  // What no run can have left.
  expect_in("negative.pt: 'exp_avg_sq' of '4.weight', which is of squares, is negative",
            state("negative.pt", "adam", {}));
  expect_in("steps.pt: its optimizer's step is no", state("steps.pt", "adam", {}));
  expect_in("strange.pt: its optimizer has a state for parameter 0, which is in none of its groups",
            state("strange.pt", "adam", {}));
  expect_in("twice.pt: its optimizer lists parameter 0 more than once", state("twice.pt", "adam", {}));
  const auto rate = [&](const std::string& file) {
    const Checkpoint checkpoint = read_checkpoint(path(file));
    return refusal([&] { choose_optimizer(&checkpoint, "", {}); });
  };
  expect_in("lr_nan.pt: its learning rate is nan", rate("lr_nan.pt"));
  expect_in("lr_negative.pt: its learning rate is -1", rate("lr_negative.pt"));
  EXPECT_EQ(rate("lr_zero.pt"), "(accepted)");
  expect_in("2 groups of parameters and does not name them", state("groups.pt", "adam", {}));
  expect_in("has 4 parameters, but the model 10", refusal([&] {
              Network net = make_network("mlp:6-5-5-5-5-3", {6}, 3, 0);
              const OptimizerSpec& adam = find_optimizer("adam");
              saved_state(read_checkpoint(path("adamw.pt")), net, blocks(net), adam, hyperparameter_values(adam, {}));
            }));
}

using CheckpointFiles = testing::WithFolder;

TEST_F(CheckpointFiles, TimeAndMemoryFollowFromTheSizeOfTheFile) {
  using namespace testing;
  const auto refused = [&](const std::string& name, const std::string& optimizer) {
    const std::string pickle = "}(" + pickled_text("model") + "}" + pickled_text(name) + pickled_tensor(1) + "s" +
                               pickled_text("optimizer") + optimizer + "u";
    return refusal([&] { read_checkpoint(file("a.pt", torch_save(pickle, "1234"))); });
  };
  const std::string params = pickled_text("params"), groups = pickled_text("param_groups"),
                    states = pickled_text("state");
  const std::string group = "}" + params + "]s", none = "}(" + states + "}" + groups + "](" + group + "eu";
  EXPECT_EQ(refused("weight", none), "(accepted)");
  expect_in("has a name of 5000 letters", refused(std::string(5000, 'w'), none));
  // Each list once: a million times a list of a million numbers would be a small file, too.
  expect_in("repeats a part of itself", refused("weight", "}(" + states + "}" + groups + "](" + group + "q\1h\1eu"));
  expect_in("repeats a part of itself",
            refused("weight", "}(" + states + "}(K\1}q\1K\2h\1u" + groups + "](" + group + "eu"));
}

TEST_F(Checkpoints, CutOffAnywhereTheyAreRefused) {
  for (const char* file : {"example.pt", "adam.safetensors"}) {
    const std::string whole = read_whole_file(path(file));
    for (std::size_t i = 0; i < whole.size(); i += 1 + whole.size() / 97) {
      std::ofstream(path("cut"), std::ios::binary | std::ios::trunc) << whole.substr(0, i);
      EXPECT_NE(refusal([&] { read_checkpoint(path("cut")); }), "(accepted)") << file << " cut off at " << i;
    }
  }
}

}  // namespace
}  // namespace etamax
