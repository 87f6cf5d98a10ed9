#include "etamax/model/data.h"

#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "../files/made_files.h"
#include "../refusal.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/model/loss.h"
#include "etamax/model/network.h"

namespace etamax {
namespace {

using testing::expect_in;
using testing::refusal;

using Files = testing::WithFolder;

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

TEST_F(Files, CsvWithClassesOrSeveralTargets) {
  const Dataset classes = load_data("csv:" + file("iris.csv", "1;dog\n2;cat\n3;dog\n"));
  EXPECT_TRUE(classes.targets.equal(torch::tensor({1., 0., 1.}, torch::kDouble)));
  EXPECT_EQ(classes.notes,
            std::vector<std::string>{"the classes are numbered in the order of their names: 0 cat, 1 dog"});
  const std::string several = file("several.csv", "x,a,b+c\n1,2,3\n4,5,6\n");
  const Dataset data = load_data("csv:" + several + ",target=b+c+a");
  EXPECT_TRUE(data.targets.equal(torch::tensor({{3., 2.}, {6., 5.}}, torch::kDouble)));
  EXPECT_EQ(data.features, std::vector<std::string>{"x"});
  EXPECT_TRUE(load_data("csv:" + several + ",target=-1+2").targets.equal(data.targets));
}

TEST_F(Files, AreToldByTheirEndings) {
  using namespace testing;
  const std::string csv = file("houses.csv", "size,price\n1,2\n3,4\n");
  EXPECT_TRUE(load_data(csv + ",target=size").targets.equal(load_data("csv:" + csv + ",target=size").targets));
  const std::string npz =
      file("train.npz",
           zip({{"X.npy", npy("<f4", "(2,)", raw<float>({1, 2}))}, {"y.npy", npy("<f4", "(2,)", raw<float>({3, 4}))}}));
  EXPECT_EQ(load_data(npz).targets[1].item<double>(), 4);
  expect_in("is a folder: say images:", refusal([&] { load_data(folder_.string()); }));
  expect_in("unknown data 'train.parquet'", refusal([] { load_data("train.parquet"); }));
}

TEST_F(Files, WhatIsWrongIsRefusedWithItsPlace) {
  const auto load = [&](const std::string& content, const std::string& options = "") {
    const std::string path = file("bad.csv", content);
    return refusal([&] { load_data("csv:" + path + options); });
  };
  expect_in("line 2, column 2: 'x' is not a number", load("1,2\n3,x\n"));
  expect_in("line 2, column 1: 'nan': a value is missing", load("1,2\nnan,4\n"));
  expect_in("column 'a' is named twice", load("a,b,c\n1,2,3\n", ",target=a+a"));
  expect_in("none a feature", load("a,b\n1,2\n", ",target=a+b"));
  expect_in("did you mean 'price'", load("size,price,age\n1,2,3\n", ",target=age+prise"));
  expect_in("line 3 has 1 columns, not 2", load("1,2\n3,4\n5\n"));
  expect_in("has no rows", load(""));
  expect_in("has no rows", load("a,b\n"));
  expect_in("one column", load("1\n2\n"));
  expect_in("feature of example 1 is not finite", load("1,2\ninf,4\n"));
  expect_in("the target of example 0 is not finite", load("1,inf\n3,4\n"));
  expect_in("did you mean 'price'", load("size,price\n1,2\n", ",target=prise"));
  expect_in("there is no option 'goal'", load("1,2\n", ",goal=2"));
  expect_in("is not KEY=VALUE", load("1,2\n", ",2"));
  expect_in("no whole gzip file", load("\x1f\x8b\x08 and then nothing like it"));
  expect_in("cannot be read", refusal([] { load_data("csv:/no/such/file.csv"); }));
  expect_in("is a folder", refusal([&] { load_data("csv:" + folder_.string()); }));
  expect_in("did you mean 'digits'", refusal([] { load_data("digit"); }));
}

TEST_F(Files, ArraysOfNumpyAndSafetensors) {
  using namespace testing;
  const std::string x = npy("<f4", "(2, 3)", raw<float>({1, 2, 3, 4, 5, 6})),
                    y = npy("<i8", "(2,)", raw<std::int64_t>({1, 0}));
  const Dataset data = load_data("npz:" + file("a.npz", zip({{"X.npy", x, true}, {"y.npy", y}, {"other.npy", y}})));
  EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(data.inputs.scalar_type(), torch::kFloat);
  EXPECT_EQ(data.inputs[1][2].item<double>(), 6);
  EXPECT_EQ(data.targets[0].item<double>(), 1);
  const std::string named = file("b.npz", zip({{"pixels.npy", x}, {"truth.npy", y}, {"X.npy", y}}));
  EXPECT_EQ(load_data("npz:" + named + ",inputs=pixels,targets=truth").inputs[0][0].item<double>(), 1);
  const std::string rows = file("rows.npy", x);
  EXPECT_EQ(load_data("npz:" + rows + ",target=1").targets[1].item<double>(), 4);
  EXPECT_EQ(load_data("npz:" + rows).targets[1].item<double>(), 6);
  const std::string header = R"({"inputs":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                             R"("targets":{"dtype":"U8","shape":[2,1],"data_offsets":[8,10]}})";
  const Dataset tensors =
      load_data("safetensors:" + file("a.safetensors", safetensors(header, raw<float>({1, 2}) + "\1\2")));
  EXPECT_EQ(tensors.inputs.sizes(), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(tensors.targets.sizes(), (std::vector<int64_t>{2}));

  const auto load = [&](const std::string& content, const std::string& options = "") {
    const std::string path = file("bad.npz", content);
    return refusal([&] { load_data("npz:" + path + options); });
  };
  expect_in("neither an .npz nor an .npy", load("1,2\n"));
  expect_in("has 3 dimensions", load(npy("|u1", "(1, 1, 1)", "a")));
  expect_in("has one column", load(npy("|u1", "(2, 1)", "ab")));
  expect_in("which of its arrays (a, b)", load(zip({{"a.npy", x}, {"b.npy", y}})));
  expect_in("which of its arrays (X, y, x)", load(zip({{"X.npy", x}, {"y.npy", y}, {"x.npy", x}})));
  expect_in("did you mean 'pixels'", load(zip({{"pixels.npy", x}, {"y.npy", y}}), ",inputs=pixel,targets=y"));
  expect_in("belong together", load(zip({{"X.npy", x}, {"y.npy", y}}), ",inputs=X"));
  expect_in("there is no option 'target'; there is inputs, targets",
            load(zip({{"X.npy", x}, {"y.npy", y}}), ",target=1"));
  expect_in("has 2 examples, but 1 targets", load(zip({{"X.npy", x}, {"y.npy", npy("|u1", "(1,)", "a")}})));
  expect_in("has no examples", load(zip({{"X.npy", npy("<f4", "(0, 3)", "")}, {"y.npy", npy("<f4", "(0,)", "")}})));
  expect_in("has no numbers in its examples", load(zip({{"X.npy", npy("<f4", "(2, 0)", "")}, {"y.npy", y}})));
  expect_in("is a single number", load(zip({{"X.npy", npy("|u1", "()", "a")}, {"y.npy", y}})));
  expect_in("a feature of example 1 is not finite",
            load(zip({{"X.npy", npy("<f4", "(2,)", raw<float>({1, NAN}))}, {"y.npy", y}})));
}

TEST_F(Files, ImagesInTheirFolders) {
  using namespace testing;
  const std::string folder = folder_.string();
  file("train-images-idx3-ubyte.gz", gzipped(idx({2, 1, 2}, std::string("\0\xff\x33\x66", 4))));
  expect_in("no train-labels-idx1-ubyte in this folder", refusal([&] { load_data("idx:" + folder); }));
  file("train-labels-idx1-ubyte", idx({2}, "\3\4"));
  const Dataset data = load_data("idx:" + folder);
  EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{2, 1, 1, 2}));
  EXPECT_TRUE(torch::allclose(data.inputs.flatten(), torch::tensor({0.f, 1.f, 0.2f, 0.4f})));
  EXPECT_EQ(data.targets[1].item<double>(), 4);
  file("train-labels-idx1-ubyte", idx({3}, "\3\4\5"));
  expect_in("has 2 examples, but 3 targets", refusal([&] { load_data("idx:" + folder); }));
  file("train-labels-idx1-ubyte", idx({2, 1, 1}, "\3\4"));
  expect_in("train-labels-idx1-ubyte: has 3 dimensions, not 1", refusal([&] { load_data("idx:" + folder); }));

  expect_in("no data_batch_1.bin in this folder", refusal([&] { load_data("cifar10:" + folder); }));
  for (int k = 1; k <= 5; ++k)
    file("data_batch_" + std::to_string(k) + ".bin",
         static_cast<char>(k) + std::string(1024, '\0') + std::string(2048, '\xff'));
  const Dataset cifar = load_data("cifar10:" + folder);
  EXPECT_EQ(cifar.inputs.sizes(), (std::vector<int64_t>{5, 3, 32, 32}));
  EXPECT_EQ(cifar.inputs[4][0].max().item<double>(), 0);
  EXPECT_EQ(cifar.inputs[4][1].min().item<double>(), 1);
  EXPECT_EQ(cifar.targets[4].item<double>(), 5);
  file("data_batch_3.bin", std::string(3073, '\x0b'));
  expect_in("data_batch_3.bin: the label of image 1 is 11", refusal([&] { load_data("cifar10:" + folder); }));
}

TEST_F(Files, ImagesByClass) {
  const auto image = [&](const std::string& name, const std::string& content) {
    std::filesystem::create_directories(folder_ / "images" / std::filesystem::path(name).parent_path());
    return file("images/" + name, content);
  };
  const std::string folder = path("images");
  expect_in("cannot be read as a folder", refusal([&] { load_data("images:" + folder); }));
  image("dog/2.pgm", "P5 2 1 255\n\x33\xff");
  image("dog/1.pgm", std::string("P5 2 1 255\n\0\0", 13));
  image("cat/a.PGM", "P5 2 1 255\n\xff\xff");
  image("dog/.hidden", "");
  const Dataset data = load_data("images:" + folder);
  EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{3, 1, 1, 2}));
  EXPECT_TRUE(torch::allclose(data.inputs.flatten(), torch::tensor({1.f, 1.f, 0.f, 0.f, 0.2f, 1.f})));
  EXPECT_TRUE(data.targets.equal(torch::tensor({0.f, 1.f, 1.f})));
  expect_in("0 cat, 1 dog", data.notes.front());
  image("dog/3.pgm", "P5 1 1 255\n\xff");
  expect_in("3.pgm: is 1 x 1 x 1 (channels x height x width), but ", refusal([&] { load_data("images:" + folder); }));
  image("cat/b.jpg", "");
  expect_in("b.jpg: is no .png", refusal([&] { load_data("images:" + folder); }));
}

TEST_F(Files, ImagesUnpackToWhatTheirSizeTellsOf) {
  const std::string folder = path("pictures");
  const std::string black = testing::png(3000, 3000, testing::deflated(std::string(3001 * 3000, '\0'), 15));
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directories(folder + "/" + name);
    std::ofstream(folder + "/" + name + "/1.png", std::ios::binary) << black;
  }
  expect_in("b/1.png: with it the images have more than 16777216 numbers in files of ",
            refusal([&] { load_data("images:" + folder); }));
}

TEST_F(Files, PixelsThatAreUnusualAreNoted) {
  using namespace testing;
  const auto load = [&](const std::string& shape, const std::string& bytes) {
    return load_data(
        file("a.npz", zip({{"X.npy", npy("|u1", shape, bytes)}, {"y.npy", npy("|u1", "(1,)", std::string(1, '\0'))}})));
  };
  const std::string pixels(8 * 8 * 3, '\xff');
  const Dataset last = load("(1, 8, 8, 3)", pixels), first = load("(1, 3, 8, 8)", pixels);
  ASSERT_EQ(last.notes.size(), 2u);
  expect_in("up to 255: where they are pixels, it is usual to divide them by 255", last.notes[0]);
  expect_in("want the channels first", last.notes[1]);
  EXPECT_EQ(first.notes.size(), 1u);
  EXPECT_TRUE(load("(1, 3, 8, 8)", std::string(pixels.size(), '\1')).notes.empty());
  expect_in("give the channels first", refusal([] { make_network("cnn", {8, 8, 3}, 2, 0); }));
}

TEST(Data, AFormatWithoutItsPathSaysWhatIsMissing) {
  for (const DataSpec& spec : data_table()) {
    const bool takes_path =
        spec.example.find(":FILE") != std::string::npos || spec.example.find(":DIR") != std::string::npos;
    if (takes_path)
      expect_in(spec.name + " needs a path: " + spec.example, refusal([&] { load_data(spec.name + ":"); }));
  }
}

TEST(Chebyshev, IsTheCosineOfSoManyTimesTheAngle) {
  for (const int64_t degree : {1, 3, 4, 5}) {
    const Dataset data = load_data("chebyshev:degree=" + std::to_string(degree) + ",examples=21");
    EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{21, 1}));
    const torch::Tensor x = torch::linspace(-1, 1, 21, torch::kDouble);
    EXPECT_TRUE(data.inputs.select(1, 0).equal(x));
    EXPECT_TRUE(data.targets.allclose((static_cast<double>(degree) * x.acos()).cos(), 0, 1e-12)) << degree;
  }
  EXPECT_EQ(load_data("chebyshev").examples(), 20);
  expect_in("degree = '0' is not a whole number in 1..1000", refusal([] { load_data("chebyshev:degree=0"); }));
  expect_in("no option 'seed'", refusal([] { load_data("chebyshev:seed=1"); }));
}

TEST(Copying, TheSecondHalfRepeatsTheFirst) {
  const Dataset data = load_data("copying:length=5,vocabulary=7,examples=300");
  EXPECT_EQ(data.inputs.sizes(), (std::vector<int64_t>{300, 10}));
  EXPECT_EQ(data.targets.sizes(), data.inputs.sizes());
  EXPECT_TRUE(data.inputs.slice(1, 1).equal(data.targets.slice(1, 0, 9)));  // each is the one before the next
  EXPECT_TRUE(data.targets.slice(1, 5).equal(data.inputs.slice(1, 0, 5)));
  EXPECT_TRUE((data.inputs.select(1, 5) == 0).all().item<bool>());
  EXPECT_EQ(data.targets.max().item<double>(), 6);
  EXPECT_EQ(data.inputs.slice(1, 0, 5).min().item<double>(), 1);
  EXPECT_TRUE(load_data("copying:length=5,vocabulary=7,examples=300").inputs.equal(data.inputs));
  EXPECT_FALSE(load_data("copying:length=5,vocabulary=7,examples=300,seed=1").inputs.equal(data.inputs));
  EXPECT_EQ(load_data("copying").inputs.sizes(), (std::vector<int64_t>{512, 16}));
  expect_in("length = '0' is not a whole number in 1..4096", refusal([] { load_data("copying:length=0"); }));
  expect_in("is not KEY=VALUE", refusal([] { load_data("copying:5"); }));
  expect_in("no option 'words'", refusal([] { load_data("copying:words=5"); }));
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
  expect_in("the target of example 0 is 0.5, not a label", prepare("cross_entropy", 0.5));
  expect_in("the target of example 0 is -1", prepare("cross_entropy", -1));
  expect_in("the target of example 0 is 3, not in 0..1", prepare("bce", 3));
  expect_in("did you mean 'mse'", refusal([] { find_loss("msee"); }));
}

TEST(Losses, OfAbsoluteErrorsAndLogProbabilitiesEqualPytorchs) {
  torch::manual_seed(2);
  namespace F = torch::nn::functional;
  const torch::Tensor out = torch::randn({7, 2}, torch::kDouble), y = torch::randn({7, 2}, torch::kDouble);
  const LossSpec &l1 = find_loss("l1"), &nll = find_loss("nll"), &ce = find_loss("cross_entropy");
  EXPECT_NEAR(l1.each(out, l1.prepare(y, torch::kDouble)).mean().item<double>(), F::l1_loss(out, y).item<double>(),
              1e-14);
  const torch::Tensor best = std::get<0>(y.median(0));
  EXPECT_NEAR(l1.chance(y), F::l1_loss(best.expand_as(y), y).item<double>(), 1e-14);
  for (const double off : {-0.1, 0.1}) EXPECT_LE(l1.chance(y), F::l1_loss((best + off).expand_as(y), y).item<double>());

  const torch::Tensor labels = torch::tensor({0., 1., -100., 1., 1., 0., -100.}, torch::kDouble);
  const torch::Tensor logs = torch::log_softmax(out, 1), whole = nll.prepare(labels, torch::kDouble);
  const torch::Tensor counts = nll.counts(whole).to(torch::kDouble);
  const auto mean = [&](const LossSpec& loss, const torch::Tensor& outputs) {
    return ((loss.each(outputs, whole) * counts).sum() / counts.sum()).item<double>();
  };
  EXPECT_NEAR(mean(nll, logs), torch::nll_loss(logs, whole).item<double>(), 1e-14);
  EXPECT_NEAR(mean(ce, out), mean(nll, logs), 1e-14);
  EXPECT_EQ(nll.chance(labels), ce.chance(labels));
  EXPECT_EQ(nll.fault(logs), "");
  expect_in("needs log-probabilities", nll.fault(out));
  expect_in("every target is -100", refusal([&] { nll.prepare(torch::full({3}, -100.0), torch::kFloat); }));
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
  EXPECT_NEAR(mean("bce", one, bits), F::binary_cross_entropy_with_logits(one, bits.unsqueeze(1)).item<double>(),
              1e-14);
  EXPECT_NEAR(mean("cross_entropy", many, labels), F::cross_entropy(many, labels.to(torch::kLong)).item<double>(),
              1e-14);
  EXPECT_NEAR(mean("cross_entropy", torch::zeros_like(many), labels), std::log(4), 1e-14);
  const auto slope = [](const torch::Tensor& z, const auto& loss) { return torch::autograd::grad({loss(z)}, {z})[0]; };
  for (const double scale : {0.0, 1.0, 100.0, 1e10}) {
    const torch::Tensor z = (scale * many).set_requires_grad(true);
    const torch::Tensor ours = slope(
        z, [&](const torch::Tensor& x) { return find_loss("cross_entropy").each(x, labels.to(torch::kLong)).mean(); });
    const torch::Tensor theirs =
        slope(z, [&](const torch::Tensor& x) { return F::cross_entropy(x, labels.to(torch::kLong)); });
    EXPECT_LT((ours - theirs).abs().max().item<double>(), 1e-15) << scale;
  }
  EXPECT_NEAR(mean("bce", torch::zeros_like(one), bits), std::log(2), 1e-14);
}

/// The gradient and the Hessian of one example's loss by its outputs.
std::pair<torch::Tensor, torch::Tensor> derivatives(const std::string& name, const torch::Tensor& outputs,
                                                    double target) {
  const torch::Tensor z = outputs.detach().clone().set_requires_grad(true);
  const LossSpec& loss = find_loss(name);
  const torch::Tensor targets = loss.prepare(torch::full({1}, target, torch::kDouble), z.scalar_type());
  const torch::Tensor g = torch::autograd::grad({loss.each(z, targets).sum()}, {z}, {}, true, true)[0];
  std::vector<torch::Tensor> rows;
  for (int64_t i = 0; i < z.size(1); ++i) rows.push_back(torch::autograd::grad({g[0][i]}, {z}, {}, true)[0][0]);
  return {g.detach()[0], torch::stack(rows)};
}

// Where 1 - p is far below a rounding of 1 the derivatives still have all their digits. Reference: each 1 - p written
// as the sum of the others.
TEST(Losses, KeepTheirDigitsWhereTheyAreSaturated) {
  constexpr double kDigits = 2e-5;  // e^-40 in 32 bit is known to 40 roundings
  for (const auto type : {torch::kFloat, torch::kDouble})
    for (const double gap : {-40.0, -20.0, -3.0, 0.0, 3.0, 20.0, 40.0}) {
      SCOPED_TRACE(gap);
      const torch::Tensor z = torch::tensor({{gap, 0.5, -1.0}}, torch::kDouble).to(type);
      const torch::Tensor e = (z[0].to(torch::kDouble) - z.max().to(torch::kDouble)).exp(), p = e / e.sum();
      for (const int label : {0, 1, 2}) {
        const auto [g, h] = derivatives("cross_entropy", z, label);
        for (int i = 0; i < 3; ++i) {
          double rest = 0;
          for (int j = 0; j < 3; ++j) rest += j == i ? 0 : p[j].item<double>();
          const double slope = i == label ? -rest : p[i].item<double>();
          EXPECT_NEAR(g[i].item<double>() / slope, 1, kDigits);
          for (int j = 0; j < 3; ++j) {
            const double curvature = p[i].item<double>() * (i == j ? rest : -p[j].item<double>());
            EXPECT_NEAR(h[i][j].item<double>() / curvature, 1, kDigits) << i << j << label;
          }
        }
      }
      const double x = z[0][0].item<double>(), s = 1 / (1 + std::exp(-x)), rest = 1 / (1 + std::exp(x));
      for (const double target : {0.0, 1.0}) {
        const auto [g, h] = derivatives("bce", z.slice(1, 0, 1), target);
        EXPECT_NEAR(g.item<double>() / (target == 0 ? s : -rest), 1, kDigits);
        EXPECT_NEAR(h.item<double>() / (s * rest), 1, kDigits);
      }
    }
}

}  // namespace
}  // namespace etamax
