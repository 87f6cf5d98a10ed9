// The small network without a tensor library is the program's: the same weights, loss, gradient and products.
#include "etamax/problem/small_network.h"

#include <gtest/gtest.h>

#include "etamax/analyze/analyze.h"
#include "etamax/model/setup.h"

namespace etamax {
namespace {

Eigen::VectorXd numbers(const Vector& v) {
  const std::vector<double> values = v.values();
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

double apart(const Eigen::VectorXd& a, const Eigen::VectorXd& b) { return (a - b).norm() / b.norm(); }

std::unique_ptr<ModelProblem> with_libtorch(const SmallNetworkOptions& o, const std::string& optimizer) {
  ModelSetup setup;
  setup.model = o.model, setup.data = o.data, setup.loss = o.loss, setup.seed = o.seed;
  setup.optimizer = optimizer, setup.dtype = "float64";
  return make_problem(setup);
}

TEST(SmallNetwork, IsLibTorchsFromTheSameWeights) {
  for (const PlaneShape& shape : plane_shapes())
    for (const char* model : {"mlp:2-8-1:tanh", "mlp:2-16-1:relu", "mlp:2-6-5-1:tanh"})
      for (const char* loss : {"mse", "bce"})
        for (const std::uint64_t seed : {0u, 7u}) {
          const SmallNetworkOptions options{std::string("plane:") + shape.name, model, loss, seed};
          SCOPED_TRACE(options.data + " " + model + " " + loss);
          SmallNetworkProblem ours(options, make_optimizer("gd", {}));
          const std::unique_ptr<ModelProblem> theirs = with_libtorch(options, "gd");
          SmallNetworkObjective& f = ours.objective();
          ModelObjective& g = theirs->objective();
          EXPECT_EQ(f.parameters().values(), g.parameters().values());
          EXPECT_EQ(ours.start(seed + 1).values(), theirs->start(seed + 1).values());
          EXPECT_NEAR(f.loss() / g.loss(), 1, 1e-12);
          EXPECT_NEAR(*f.baseline(), *g.baseline(), 1e-12);
          EXPECT_LT(apart(numbers(f.gradient()), numbers(g.gradient())), 1e-10);
          Vector theirs_out, ours_out;
          const Vector direction = g.random_normal(3);
          g.apply(direction, theirs_out);
          f.apply(dense(numbers(direction)), ours_out);
          EXPECT_LT(apart(numbers(ours_out), numbers(theirs_out)), 1e-10);
          ASSERT_EQ(f.blocks().size(), g.blocks().size());
          for (std::size_t k = 0; k < f.blocks().size(); ++k) EXPECT_EQ(f.blocks()[k].name, g.blocks()[k].name);
        }
}

/// The edge's interval depends on the start of Lanczos, the edge does not.
TEST(SmallNetwork, HasTheEdgeThatAnalyzeSays) {
  for (const char* optimizer : {"gd", "adam"}) {
    SmallNetworkProblem ours({}, make_optimizer(optimizer, {}));
    const std::unique_ptr<ModelProblem> theirs = with_libtorch({}, optimizer);
    AnalyzeOptions options;
    options.gap = 1e-9, options.steps = 0;
    const Analysis a = analyze(ours, options), b = analyze(*theirs, options);
    ASSERT_TRUE(a.edge.lr.lower && b.edge.lr.lower);
    EXPECT_NEAR(*a.edge.lr.lower / *b.edge.lr.lower, 1, 1e-8) << optimizer;
    EXPECT_EQ(a.data, b.data);
    EXPECT_EQ(a.model, b.model);
  }
}

}  // namespace
}  // namespace etamax
