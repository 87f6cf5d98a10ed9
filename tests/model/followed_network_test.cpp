// What is looked at along a network's training, against dense matrices at the same steps of the same training.
#include <gtest/gtest.h>

#include "dense.h"
#include "etamax/follow/follow.h"
#include "etamax/model/model_problem.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/matrix_objective.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::parameters;
using testing::set_parameters;

using torch::Tensor;

constexpr const char* kModel = "mlp:5-4-1:tanh";

Dataset regression() {
  torch::manual_seed(4);
  Dataset data;
  data.inputs = torch::randn({24, 5}, torch::kDouble);
  data.targets = data.inputs.select(1, 0).sin() + data.inputs.select(1, 1) * data.inputs.select(1, 2);
  return data;
}

ModelProblemOptions in_64_bit() {
  ModelProblemOptions options;
  options.objective.type = torch::kDouble;
  return options;
}

struct Training {
  Dataset data = regression();
  Network network = make_network(kModel, {5}, 1, 3);
  ModelProblem problem{network, data, find_loss("mse"), in_64_bit()};
};

/// The parameters after each step of that training.
std::vector<Tensor> path(const FollowingOptions& options) {
  Training t;
  const std::unique_ptr<etamax::Run> run = t.problem.run({options.batch_size, options.seed, true, options.clip});
  std::vector<Tensor> found = {parameters(t.problem.objective())};
  for (long k = 0; k < options.steps; ++k) {
    run->step(options.lr.front());
    found.push_back(parameters(t.problem.objective()).clone());
  }
  return found;
}

/// The tensor of parameters that holds most of the unit vector's squared length, and how much.
std::pair<std::string, double> largest_share(const Network& network, const Tensor& v) {
  std::pair<std::string, double> best;
  int64_t at = 0;
  for (const NamedTensor& p : network.parameters) {
    const double share = v.slice(0, at, at + p.tensor.numel()).square().sum().item<double>();
    if (share > best.second) best = {p.name, share};
    at += p.tensor.numel();
  }
  return best;
}

TEST(FollowedNetwork, EveryLookIsThatOfTheDenseMatricesAtItsStep) {
  const FollowingOptions options{.lr = {0.05}, .steps = 300, .budget = 1.5, .certify = 4, .gap = 1e-6};
  const std::vector<Tensor> weights = path(options);
  Training t;
  const Following found = follow_training(t.problem, options);
  const std::vector<SharpnessLook>& looks = found.runs.front().looks;
  ASSERT_GT(looks.size(), 8u);
  ModelObjective& f = t.problem.objective();
  MatrixObjective gauss_newton(f, {MatrixKind::gauss_newton});
  int certified = 0;
  for (const SharpnessLook& look : looks) {
    set_parameters(f, weights.at(static_cast<std::size_t>(look.step)));
    const auto [values, vectors] = torch::linalg_eigh(dense_hessian(f));
    const double top = values[-1].item<double>();
    const Tensor v = vectors.select(1, -1);
    EXPECT_NEAR(look.loss, f.loss(), 1e-12) << look.step;
    EXPECT_LE(look.sharpness, top * (1 + 1e-9)) << look.step;
    EXPECT_GE(look.sharpness, 0.97 * top) << look.step;
    if (!look.bounds.upper) continue;
    ++certified;
    EXPECT_NEAR(look.sharpness, top, 1e-5 * top) << look.step;
    EXPECT_LE(*look.bounds.lower, top * (1 + 1e-9)) << look.step;
    EXPECT_GE(*look.bounds.upper, top * (1 - 1e-9)) << look.step;
    ASSERT_TRUE(look.gauss_newton) << look.step;
    EXPECT_NEAR(*look.gauss_newton, v.dot(dense_hessian(gauss_newton).mv(v)).item<double>(), 1e-3 * top) << look.step;
    const auto [layer, share] = largest_share(t.network, v);
    EXPECT_EQ(look.layer, layer) << look.step;
    EXPECT_NEAR(look.layer_share, share, 1e-3) << look.step;
  }
  EXPECT_EQ(certified, 4);
}

TEST(FollowedNetwork, TheBatchSharpnessIsThatOfDenseMatricesOfTheBatches) {
  const FollowingOptions options{.lr = {0.05}, .steps = 300, .batch_size = 8, .budget = 2, .seed = 5};
  const std::vector<Tensor> weights = path(options);
  Training t;
  const Following found = follow_training(t.problem, options);
  const std::vector<SharpnessLook>& looks = found.runs.front().looks;
  ASSERT_GT(looks.size(), 4u);
  Batches batches(t.problem.objective(), options.batch_size, options.seed + 1);  // an order of its own
  for (const SharpnessLook& look : looks) {
    double sum = 0;
    for (int i = 0; i < 2; ++i) {
      const Tensor rows = torch::tensor(batches.next(), torch::kLong);
      Dataset batch = t.data;
      batch.inputs = t.data.inputs.index_select(0, rows), batch.targets = t.data.targets.index_select(0, rows);
      ModelObjective f(make_network(kModel, {5}, 1, 3), batch, find_loss("mse"), in_64_bit().objective);
      set_parameters(f, weights.at(static_cast<std::size_t>(look.step)));
      const Tensor g = testing::gradient(f);
      sum += (g.dot(dense_hessian(f).mv(g)) / g.dot(g)).item<double>();
    }
    ASSERT_TRUE(look.batch_sharpness) << look.step;
    EXPECT_NEAR(*look.batch_sharpness, sum / 2, 1e-9 * std::abs(sum)) << look.step;
  }
}

}  // namespace
}  // namespace etamax
