// Adam's edge where P is held fixed, on a quadratic, by running it; and P itself, against PyTorch's own optimizers.
#include "etamax/curvature/preconditioned.h"

#include <gtest/gtest.h>
#include <torch/optim.h>

#include <functional>

#include "dense.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/model/data.h"
#include "etamax/model/model_problem.h"
#include "etamax/model/objective.h"
#include "etamax/model/setup.h"
#include "etamax/optim/optimizer.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/rule_run.h"
#include "etamax/spectrum/lanczos.h"
#include "tensors.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::gradient;
using testing::largest_eigenvalue;
using testing::parameters;
using testing::set_parameters;

using torch::Tensor;

Dataset regression(std::uint64_t seed) {
  torch::manual_seed(seed);
  Dataset data;
  data.name = "regression";
  data.inputs = torch::randn({80, 6}, torch::kDouble) * torch::logspace(0, 1, 6, 10, torch::kDouble);
  data.targets = torch::randn({80}, torch::kDouble);
  return data;
}

/// Steps of Adam whose P does not move: m = beta1 m + (1 - beta1) g, w -= lr m / P. Ends with the gradient's length.
double gradient_after(ModelObjective& f, const Tensor& p, double beta1, double lr, int steps) {
  Tensor w = parameters(f), m = torch::zeros_like(w);
  for (int step = 0; step < steps; ++step) {
    m = beta1 * m + (1 - beta1) * gradient(f);
    w = w - lr * m / p;
    set_parameters(f, w);
  }
  return gradient(f).norm().item<double>();
}

TEST(Preconditioned, AdamAtAFixedPIsStableUpToItsEdge) {
  const OptimizerSpec& adam = find_optimizer("adam");
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (const double beta1 : {0.0, 0.5, 0.9}) {
      const HyperparameterValues values = hyperparameter_values(adam, {{"beta1", beta1}});
      const Dataset data = regression(seed);
      const LossSpec& mse = find_loss("mse");
      ModelObjective f(make_network("linear", {6}, 1, seed), data, mse, {4096, torch::kDouble, torch::kCPU, {}});
      const Tensor start = parameters(f), p = torch::exp(torch::randn_like(start));
      PreconditionedHessian hessian(f, vector_of(p), 0);
      const LanczosResult top = certify_spectrum<Vector>(hessian, {1e-6, 0.999, 200, 0, {}});
      const double edge = stability_edge(adam, values, top.extremes.largest.lower).value();
      EXPECT_NEAR(edge * top.extremes.largest.lower, (2 + 2 * beta1) / (1 - beta1), 1e-9);
      const double early = gradient_after(f, p, beta1, 0.99 * edge, 500);
      EXPECT_LT(gradient_after(f, p, beta1, 0.99 * edge, 2500), early) << seed << " " << beta1;
      set_parameters(f, start);
      const double grown = gradient_after(f, p, beta1, 1.01 * edge, 300);
      EXPECT_GT(gradient_after(f, p, beta1, 1.01 * edge, 100), 3 * grown) << seed << " " << beta1;
    }
  }
}

/// Pixels that are dead in all examples, and some that few examples light; a ReLU unit that nothing wakes.
Dataset images(std::uint64_t seed) {
  torch::manual_seed(seed);
  Dataset data;
  data.name = "images";
  data.inputs = torch::rand({60, 9}, torch::kDouble);
  data.inputs.slice(1, 0, 2).zero_();
  data.inputs.slice(1, 2, 4).mul_((torch::rand({60, 2}) < 0.05).to(torch::kDouble));
  data.targets = torch::randint(0, 3, {60}, torch::kDouble);
  data.targets.slice(0, 0, 3).copy_(torch::arange(3));
  return data;
}

std::unique_ptr<ModelProblem> problem_on(const Dataset& data, const std::string& model, const std::string& optimizer,
                                         torch::ScalarType type = torch::kDouble, const Settings& settings = {}) {
  ModelProblemOptions options;
  options.optimizer = optimizer;
  options.settings = settings;
  options.objective.type = type;
  const LossSpec& loss = find_loss("cross_entropy");
  return std::make_unique<ModelProblem>(make_network(model, data, loss, 0), data, loss, options);
}

/// The averages of squared gradients that PyTorch's optimizer keeps, after a rate of 0.
using Squares = std::function<Tensor(const std::vector<Tensor>& gradients, const Tensor& start)>;
template <typename Rule, typename Options, typename State>
Squares of_pytorch(Tensor (*squares)(const State&)) {
  return [squares](const std::vector<Tensor>& gradients, const Tensor& start) {
    Tensor x = start.clone().requires_grad_(true);
    Rule rule({x}, Options(/*lr=*/1e-300));
    for (const Tensor& g : gradients) {
      x.mutable_grad() = g.clone();
      rule.step();
    }
    return squares(static_cast<const State&>(*rule.state().begin()->second)).clone();
  };
}

TEST(StartingPosition, HasPyTorchsPForEveryAdaptiveRuleAndLeavesOutWhatItHasNotSeen) {
  using namespace torch::optim;
  const double beta2 = 0.999;
  constexpr long kSteps = 12;
  const auto averaged = [&](const Tensor& v) { return (v / (1 - std::pow(beta2, kSteps))).sqrt() + 1e-8; };
  struct Case {
    const char* name;
    Squares squares;
    std::function<Tensor(const Tensor&)> p;
  };
  const Case cases[] = {
      {"adam", of_pytorch<Adam, AdamOptions, AdamParamState>([](const AdamParamState& s) { return s.exp_avg_sq(); }),
       averaged},
      {"adamw",
       of_pytorch<AdamW, AdamWOptions, AdamWParamState>([](const AdamWParamState& s) { return s.exp_avg_sq(); }),
       averaged},
      {"rmsprop", of_pytorch<RMSprop, RMSpropOptions, RMSpropParamState>([](const RMSpropParamState& s) {
         return s.square_avg();
       }),
       [](const Tensor& v) { return v.sqrt() + 1e-8; }},
      {"adagrad",
       of_pytorch<Adagrad, AdagradOptions, AdagradParamState>([](const AdagradParamState& s) { return s.sum(); }),
       [](const Tensor& v) { return v.sqrt() + 1e-10; }},
  };
  for (const Case& of : cases) {
    SCOPED_TRACE(of.name);
    const Dataset data = images(7);
    const auto problem = problem_on(data, "mlp:9-6-3:relu", of.name);
    Objective& f = problem->objective();
    std::vector<Tensor> gradients = {gradient(f)};
    Batches batches(f, 5, 3);
    while (gradients.size() < kSteps) gradients.push_back(tensor_of(batches.next_gradient().gradient));
    const Tensor v = of.squares(gradients, parameters(f));
    const Tensor seen = (v > 0).nonzero().flatten();
    ASSERT_LT(seen.numel(), v.numel()) << "nothing is left out: this test tells nothing";
    const Tensor d = of.p(v).index_select(0, seen).rsqrt();
    const Tensor h = dense_hessian(f).index_select(0, seen).index_select(1, seen);
    const double lambda = largest_eigenvalue(h * d.unsqueeze(0) * d.unsqueeze(1));

    Probe probe(f, problem->optimizer(), starting_position(*problem, {kSteps, 5, 3}));
    const Probe::Finding found = probe.look({.gap = 1e-3});
    EXPECT_EQ(found.curvature.left_out, v.numel() - seen.numel());
    EXPECT_LE(*found.curvature.lambda_max.lower, lambda * (1 + 1e-9));
    EXPECT_GE(*found.curvature.lambda_max.upper, lambda * (1 - 1e-9));
    EXPECT_LT(*found.curvature.lambda_max.upper / *found.curvature.lambda_max.lower, 1.01);
  }
}

/// The second moments of a weight whose gradients have squares that 32 bit can no longer hold, or hold coarsely.
TEST(StartingPosition, KeepsPIn64BitWhereTheModelIsIn32) {
  const Dataset data = images(7);
  for (const char* optimizer : {"adam", "adamw", "rmsprop", "adagrad"}) {
    SCOPED_TRACE(optimizer);
    const Settings settings = {{"eps", 1e-30}};
    const auto problem = problem_on(data, "mlp:9-6-3:relu", optimizer, torch::kFloat, settings);
    Objective& f = problem->objective();
    // Far beyond the answers that are right: what is left of their gradients is rounding and less.
    f.set_parameters(vector_of(parameters(f) * 12));
    ASSERT_EQ(tensor_of(f.gradient()).scalar_type(), torch::kFloat);
    std::vector<Tensor> gradients = {gradient(f).to(torch::kDouble)};
    Batches batches(f, 5, 3);
    constexpr long kSteps = 12;
    while (gradients.size() < kSteps)
      gradients.push_back(tensor_of(batches.next_gradient().gradient).to(torch::kDouble).clone());
    RuleStepper wide(problem->optimizer(), vector_of(torch::zeros_like(gradients[0])));
    for (const Tensor& g : gradients) {
      Vector nowhere = vector_of(torch::zeros_like(g));
      wide.step(0, nowhere, vector_of(g));
    }
    const Tensor expected = tensor_of(*wide.preconditioner());
    const OptimizerPosition position = starting_position(*problem, {kSteps, 5, 3, false});
    const Tensor p = tensor_of(*position.preconditioner);
    EXPECT_EQ(p.scalar_type(), torch::kDouble);
    const Tensor finite = expected.isfinite();
    EXPECT_TRUE(p.isfinite().equal(finite));
    EXPECT_LT(((p - expected).abs() / expected).masked_select(finite).max().item<double>(), 1e-14);
    EXPECT_GT(((expected.to(torch::kFloat).to(torch::kDouble) - expected).abs() / expected)
                  .masked_select(finite)
                  .max()
                  .item<double>(),
              1e-9)
        << "32 bit would hold it all: this test tells nothing";
  }
}

double edge_after(Problem& problem, long steps, std::int64_t batch_size) {
  Probe probe(problem.objective(), problem.optimizer(), starting_position(problem, {steps, batch_size, 1}));
  return *probe.look({.gap = 0.02}).edge.lr.lower;
}

TEST(StartingPosition, OfSmallBatchesIsThatOfALongerMemory) {
  for (const char* optimizer : {"adam", "rmsprop"})
    for (const char* model : {"mlp:64-16-10:relu", "mlp:64-32-10:tanh"}) {
      const auto problem = problem_on(load_data("digits"), model, optimizer);
      const double settled = edge_after(*problem, 0, 8), late = edge_after(*problem, 3000, 8);
      EXPECT_LT(settled / late, 1.35) << optimizer << " " << model;
      EXPECT_GT(settled / late, 1 / 1.35) << optimizer << " " << model;
    }
}

TEST(StartingPosition, SaysHowLongItTookAndLeavesTheWeights) {
  const Dataset data = images(1);
  for (const char* optimizer : {"adam", "adamw", "rmsprop", "adagrad"}) {
    const auto problem = problem_on(data, "mlp:9-6-3:relu", optimizer);
    const Tensor before = parameters(problem->objective()).clone();
    for (const std::int64_t batch : {0, 5})
      EXPECT_NE(starting_position(*problem, {0, batch, 1}).origin.find("from "), std::string::npos);
    EXPECT_TRUE(torch::equal(parameters(problem->objective()), before)) << optimizer;
  }
  const auto whole = problem_on(data, "mlp:9-6-3:relu", "adam");
  EXPECT_EQ(starting_position(*whole, {}).origin,
            "from the gradient at these weights, 16 times, by when the edge has settled");
}

/// At the minimum of a softmax regression: the gradient is what rounding leaves of it.
TEST(Preconditioned, NothingIsSaidInThirtyTwoBitWherePIsRounding) {
  torch::manual_seed(2);
  Dataset data;
  data.name = "noise";
  data.inputs = torch::randn({90, 4}, torch::kDouble);
  data.targets = torch::randint(0, 3, {90}, torch::kDouble);
  const auto wide = problem_on(data, "linear", "adam");
  Objective& f = wide->objective();
  const auto n = static_cast<int64_t>(f.dim());
  for (int i = 0; i < 20; ++i)  // Newton; the softmax itself does not see one direction of each row
    set_parameters(f, parameters(f) - torch::linalg_solve(dense_hessian(f) + 1e-12 * torch::eye(n, torch::kDouble),
                                                          gradient(f).unsqueeze(1))
                                          .squeeze(1));
  ASSERT_LT(gradient(f).norm().item<double>(), 1e-9);
  const auto narrow = problem_on(data, "linear", "adam", torch::kFloat);
  set_parameters(narrow->objective(), parameters(f).to(torch::kFloat));
  Probe at_minimum(narrow->objective(), narrow->optimizer(), starting_position(*narrow, {}));
  const Probe::Finding nothing = at_minimum.look({});
  EXPECT_FALSE(nothing.curvature.lambda_max.lower || nothing.curvature.lambda_max.upper);
  EXPECT_NE(nothing.curvature.reason.find("rounding"), std::string::npos);
  EXPECT_FALSE(nothing.edge.lr.lower || nothing.edge.lr.upper);
  // Away from it P is known, and its own roundoff is in the bounds.
  const auto away = problem_on(data, "linear", "adam", torch::kFloat), exact = problem_on(data, "linear", "adam");
  const Probe::Finding found =
      Probe(away->objective(), away->optimizer(), starting_position(*away, {})).look({.gap = 1e-3});
  set_parameters(exact->objective(), parameters(away->objective()).to(torch::kDouble));
  const Probe::Finding true_one =
      Probe(exact->objective(), exact->optimizer(), starting_position(*exact, {})).look({.gap = 1e-9});
  EXPECT_LE(*found.curvature.lambda_max.lower, *true_one.curvature.lambda_max.upper);
  EXPECT_GE(*found.curvature.lambda_max.upper, *true_one.curvature.lambda_max.lower);
}

}  // namespace
}  // namespace etamax
