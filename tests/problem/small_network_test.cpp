// The small network without a tensor library: its derivatives are those of its loss, and its examples' mean is it.
#include "etamax/problem/small_network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "../refusal.h"

namespace etamax {
namespace {

std::vector<SmallNetworkOptions> all_kinds() {
  std::vector<SmallNetworkOptions> all;
  for (const PlaneShape& shape : plane_shapes())
    for (const char* model : {"mlp:2-8-1:tanh", "mlp:2-5-1:relu", "mlp:2-6-4-1:tanh", "mlp:2-3-4-2-1:relu"})
      for (const char* loss : {"mse", "bce"}) all.push_back({std::string("plane:") + shape.name, model, loss, 3});
  return all;
}

SmallNetworkProblem problem_of(const SmallNetworkOptions& options) { return {options, make_optimizer("gd", {})}; }

TEST(SmallNetwork, GradientAndProductAreDerivativesOfTheLoss) {
  for (const SmallNetworkOptions& options : all_kinds()) {
    SCOPED_TRACE(options.data + " " + options.model + " " + options.loss);
    SmallNetworkProblem problem = problem_of(options);
    SmallNetworkObjective& f = problem.objective();
    const Eigen::VectorXd x = entries(f.parameters());
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const Eigen::VectorXd v = entries(f.random_normal(seed)), w = entries(f.random_normal(seed + 10));
      const double h = 1e-6;  // small enough that no unit of a relu changes its side on the way
      const Eigen::VectorXd g = f.gradient_at(x), product = f.product(x, v);
      EXPECT_NEAR((f.value(x + h * v) - f.value(x - h * v)) / (2 * h), g.dot(v), 1e-7 * (1 + g.norm()));
      const Eigen::VectorXd difference = (f.gradient_at(x + h * v) - f.gradient_at(x - h * v)) / (2 * h);
      EXPECT_LT((difference - product).norm(), 1e-6 * (1 + product.norm()));
      EXPECT_NEAR(product.dot(w), f.product(x, w).dot(v), 1e-12 * (1 + std::abs(product.dot(w))));
    }
  }
}

TEST(SmallNetwork, TheMeanOverItsExamplesIsTheWhole) {
  for (const SmallNetworkOptions& options : all_kinds()) {
    SmallNetworkProblem problem = problem_of(options);
    SmallNetworkObjective& f = problem.objective();
    const auto mean = [](const std::vector<double>& all) {
      return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    };
    EXPECT_NEAR(mean(f.losses()), f.loss(), 1e-14);
    const Vector v = f.random_normal(5);
    Vector product;
    f.apply(v, product);
    EXPECT_NEAR(mean(f.curvatures(v)), v.dot(product), 1e-12 * (1 + std::abs(v.dot(product))));
    EXPECT_NEAR(f.batch_gradient(f.sample(0, 0)).loss, f.loss(), 1e-14);
  }
}

TEST(SmallNetwork, ItsBlocksAreItsParametersUnderPyTorchsNames) {
  SmallNetworkProblem problem = problem_of({});
  const auto& blocks = problem.objective().blocks();
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[0].name, "0.weight");
  EXPECT_EQ(blocks[3].name, "2.bias");
  EXPECT_EQ(blocks[3].to, problem.objective().dim());
  EXPECT_EQ(problem.objective().dim(), 2u * 8 + 8 + 8 + 1);
}

TEST(SmallNetwork, TheBestConstantIsItsBaseline) {
  SmallNetworkProblem squares = problem_of({}), odds = problem_of({"plane:xor", "mlp:2-4-1:tanh", "bce", 0});
  const Vector nothing = squares.objective().parameters().zeros();  // gives 0 everywhere
  squares.objective().set_parameters(nothing);
  EXPECT_TRUE(squares.objective().outputs_are_all_the_same());
  EXPECT_DOUBLE_EQ(*squares.objective().baseline(), 0.25);
  EXPECT_DOUBLE_EQ(squares.objective().loss(), 0.5);
  odds.objective().set_parameters(odds.objective().parameters().zeros());
  EXPECT_NEAR(odds.objective().loss(), *odds.objective().baseline(), 2e-14);
  EXPECT_NEAR(odds.objective().loss(), std::log(2), 2e-14);  // a sum of 200
}

TEST(SmallNetwork, NamesThatItDoesNotKnowAreRefused) {
  for (const char* model : {"mlp", "mlp:2-1", "mlp:2-0-1", "mlp:2-33-1", "mlp:3-8-1", "mlp:2-8-2", "mlp:2-8-1:gelu",
                            "mlp:2--1", "mlp:2-8-1-:tanh", "mlp:2-2-2-2-2-1", "cnn:2-8-1", ""})
    testing::expect_in("mlp:2-8-1:tanh", testing::refusal([&] { problem_of({"plane:xor", model, "mse", 0}); }));
  testing::expect_in("did you mean 'moons'", testing::refusal([] { problem_of({"plane:moon"}); }));
  testing::expect_in("plane:moons", testing::refusal([] { problem_of({"digits"}); }));
  testing::expect_in("mse or bce", testing::refusal([] { problem_of({"plane:xor", "mlp:2-8-1", "huber", 0}); }));
}

TEST(PlaneData, HasBothLabelsInEqualNumbersNearTheOrigin) {
  for (const PlaneShape& shape : plane_shapes()) {
    const PlaneData data = plane_data(shape.name);
    ASSERT_EQ(data.points.size(), data.labels.size());
    EXPECT_EQ(std::accumulate(data.labels.begin(), data.labels.end(), 0) * 2, static_cast<int>(data.labels.size()));
    for (const auto& [x, y] : data.points) EXPECT_LT(std::hypot(x, y), 2.5);
  }
}

}  // namespace
}  // namespace etamax
