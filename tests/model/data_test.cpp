#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "etamax/core/error.h"
#include "etamax/model/data.h"
#include "etamax/model/loss.h"
#include "etamax/model/network.h"
#include "etamax/model/numeric_table.h"

namespace etamax {
namespace {

template <typename Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InputError& e) {
    return e.what();
  }
  return "(accepted)";
}

void expect_in(const std::string& part, const std::string& whole) { EXPECT_NE(whole.find(part), std::string::npos) << whole; }

class Files : public testing::Test {
 protected:
  Files() : folder_(std::filesystem::temp_directory_path() / ("etamax_data_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_;
};

TEST(Bundled, DigitsAndBreastCancerAreWhole) {
  const Dataset digits = load_data("digits");
  EXPECT_EQ(digits.inputs.sizes(), (std::vector<int64_t>{1797, 64}));
  EXPECT_EQ(digits.inputs.max().item<double>(), 1);
  EXPECT_EQ(digits.targets.max().item<double>(), 9);
  EXPECT_EQ((digits.targets == 0).sum().item<int64_t>(), 178);  // as its documentation counts them
  const Dataset tumours = load_data("breast_cancer");
  EXPECT_EQ(tumours.inputs.sizes(), (std::vector<int64_t>{569, 30}));
  EXPECT_EQ(tumours.targets.sum().item<double>(), 357);
}

TEST_F(Files, CsvWithAndWithoutNames) {
  const std::string named = file("named.csv", "size,price,age\n1,2,3\r\n\n4,5,6\n");
  const Dataset data = load_data("csv:" + named + ",target=price");
  EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(data.targets[1].item<double>(), 5);
  EXPECT_EQ(data.features, (std::vector<std::string>{"size", "age"}));
  const std::string bare = file("bare.csv", "1,2,3\n4,5,6");
  EXPECT_EQ(load_data("csv:" + bare).targets[0].item<double>(), 3);
  EXPECT_EQ(load_data("csv:" + bare + ",target=-3").targets[1].item<double>(), 4);
}

TEST_F(Files, WhatIsWrongIsRefusedWithItsPlace) {
  const auto load = [&](const std::string& content, const std::string& options = "") {
    const std::string path = file("bad.csv", content);
    return refusal([&] { load_data("csv:" + path + options); });
  };
  expect_in("line 2, column 2: 'x' is not a number", load("1,2\n3,x\n"));
  expect_in("line 3 has 1 columns, not 2", load("1,2\n3,4\n5\n"));
  expect_in("has no rows", load(""));
  expect_in("has no rows", load("a,b\n"));
  expect_in("one column", load("1\n2\n"));
  expect_in("feature of example 2 is not finite", load("1,2\nnan,4\n"));
  expect_in("the target of example 1 is not finite", load("1,inf\n3,4\n"));
  expect_in("did you mean 'price'", load("size,price\n1,2\n", ",target=prise"));
  expect_in("there is no option 'goal'", load("1,2\n", ",goal=2"));
  expect_in("is not KEY=VALUE", load("1,2\n", ",2"));
  expect_in("no whole gzip file", load("\x1f\x8b\x08 and then nothing like it"));
  expect_in("cannot be read", refusal([] { load_data("csv:/no/such/file.csv"); }));
  expect_in("is a folder", refusal([&] { load_data("csv:" + folder_.string()); }));
  expect_in("did you mean 'digits'", refusal([] { load_data("digit"); }));
}

TEST(Standardize, GivesMeanZeroAndDeviationOne) {
  Dataset data = load_data("breast_cancer");
  standardize(data);
  EXPECT_LT(data.inputs.mean(0).abs().max().item<double>(), 1e-12);
  EXPECT_LT((data.inputs.std(0, false) - 1).abs().max().item<double>(), 1e-12);
  data.inputs = torch::ones({5, 2}, torch::kDouble);
  standardize(data);
  EXPECT_EQ(data.inputs.abs().max().item<double>(), 0);
}

TEST(Networks, AreRefusedByWhatDoesNotFit) {
  const auto make = [](const std::string& text) { return refusal([&] { make_network(text, {64}, 10, 0); }); };
  expect_in("takes 32 inputs, but an example has 64", make("mlp:32-10"));
  expect_in("gives 9 outputs, but the loss needs 10", make("mlp:64-9"));
  expect_in("is not a list of widths", make("mlp:64-x-10"));
  expect_in("is not a list of widths", make("mlp:64-0-10"));
  expect_in("unknown activation 'tahn'", make("mlp:64-5-10:tahn"));
  expect_in("takes nothing after its name", make("linear:5"));
  expect_in("did you mean 'mlp'", make("mpl:64-10"));
}

TEST(Losses, RefuseTargetsThatAreNoLabels) {
  const auto prepare = [](const std::string& name, double target) {
    return refusal([&] { find_loss(name).prepare(torch::full({3}, target, torch::kDouble), torch::kFloat); });
  };
  expect_in("the target of example 1 is 0.5, not a label", prepare("cross_entropy", 0.5));
  expect_in("the target of example 1 is -1", prepare("cross_entropy", -1));
  expect_in("the target of example 1 is 3, not in 0..1", prepare("bce", 3));
  expect_in("did you mean 'mse'", refusal([] { find_loss("msee"); }));
}

TEST(Losses, EqualPytorchsOwn) {
  torch::manual_seed(1);
  const torch::Tensor one = torch::randn({7, 1}, torch::kDouble) * 2, many = torch::randn({7, 4}, torch::kDouble) * 3;
  const torch::Tensor numbers = torch::randn({7}, torch::kDouble), labels = torch::randint(4, {7}).to(torch::kDouble);
  const torch::Tensor bits = torch::randint(2, {7}).to(torch::kDouble);
  namespace F = torch::nn::functional;
  const auto mean = [](const std::string& name, const torch::Tensor& outputs, const torch::Tensor& targets) {
    const LossSpec& loss = find_loss(name);
    return (loss.each(outputs, loss.prepare(targets, torch::kDouble)).mean()).item<double>();
  };
  EXPECT_NEAR(mean("mse", one, numbers), F::mse_loss(one, numbers.unsqueeze(1)).item<double>(), 1e-14);
  EXPECT_NEAR(mean("huber", one, numbers), F::huber_loss(one, numbers.unsqueeze(1)).item<double>(), 1e-14);
  EXPECT_NEAR(mean("bce", one, bits), F::binary_cross_entropy_with_logits(one, bits.unsqueeze(1)).item<double>(), 1e-14);
  EXPECT_NEAR(mean("cross_entropy", many, labels), F::cross_entropy(many, labels.to(torch::kLong)).item<double>(), 1e-14);
}

}  // namespace
}  // namespace etamax
