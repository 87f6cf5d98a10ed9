// The whole analysis of networks, and its parts, against closed forms and independent recursions.
#include "etamax/analyze/analyze.h"

#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cmath>

#include "../refusal.h"
#include "dense.h"
#include "etamax/core/error.h"
#include "etamax/curvature/sampling.h"
#include "etamax/model/setup.h"
#include "etamax/problem/rule_run.h"
#include "etamax/spectrum/lanczos.h"
#include "etamax/training/short_runs.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::expect_in;
using testing::expect_refused;
using testing::gradient;
using testing::largest_eigenvalue;
using testing::parameters;
using testing::product;
using testing::refusal;
using testing::set_parameters;
using testing::with_ones;

using torch::Tensor;

Dataset regression(int64_t examples, int64_t features, std::uint64_t seed) {
  torch::manual_seed(seed);
  Dataset data;
  data.name = "random";
  data.inputs = torch::randn({examples, features}, torch::kDouble);
  data.targets =
      data.inputs.mv(torch::randn({features}, torch::kDouble)) + 0.1 * torch::randn({examples}, torch::kDouble);
  return data;
}

double least_squares_top(const Dataset& data) {
  const Tensor x = with_ones(data.inputs);
  return 2.0 / static_cast<double>(data.examples()) * largest_eigenvalue(x.t().mm(x));
}

Network network_for(const std::string& model, const Dataset& data, const std::string& loss) {
  return make_network(model, data, find_loss(loss), 0);
}

/// In 64 bit.
ModelProblemOptions with_optimizer(const std::string& optimizer, const Settings& settings = {}) {
  ModelProblemOptions options;
  options.optimizer = optimizer;
  options.settings = settings;
  options.objective.type = torch::kDouble;
  return options;
}

Analysis analyzed(const std::string& model, const Dataset& data, const std::string& loss, const AnalyzeOptions& options,
                  const ModelProblemOptions& problem = {}) {
  ModelProblem p(network_for(model, data, loss), data, find_loss(loss), problem);
  return analyze(p, options);
}

TEST(RuleStepper, OnTensorsMakesTheTablesStepsInEitherType) {
  torch::manual_seed(1);
  for (const OptimizerSpec& spec : optimizers()) {
    const Optimizer optimizer = make_optimizer(spec.name, spec.examples.empty() ? Settings{} : spec.examples.back());
    constexpr std::size_t n = 5000;  // more than a block, and no multiple of one
    std::vector<double> x(n), state(n * static_cast<std::size_t>(spec.state_vectors));
    const Tensor start = torch::randn({static_cast<int64_t>(n)}, torch::kDouble);
    Vector wide = vector_of(start.clone()), narrow = vector_of(start.to(torch::kFloat));
    std::copy_n(start.data_ptr<double>(), n, x.data());
    RuleStepper in_wide(optimizer, wide), in_narrow(optimizer, narrow);
    for (long step = 1; step <= 5; ++step) {
      const Tensor g = torch::randn({static_cast<int64_t>(n)}, torch::kDouble);
      spec.step(optimizer.values, 0.01, step, {g.data_ptr<double>(), n}, x, state);
      in_wide.step(0.01, wide, vector_of(g));
      in_narrow.step(0.01, narrow, vector_of(g.to(torch::kFloat)));
    }
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(tensor_of(wide).data_ptr<double>()[i], x[i]) << spec.name;
    EXPECT_LT((tensor_of(narrow).to(torch::kDouble) - tensor_of(wide)).abs().max().item<double>(), 1e-5) << spec.name;
    ASSERT_EQ(in_wide.preconditioner().has_value(), spec.preconditioner != nullptr) << spec.name;
    if (!spec.preconditioner) continue;
    std::vector<double> p(n);
    spec.preconditioner(optimizer.values, 5, state, p);
    const Vector found = *in_wide.preconditioner();
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(tensor_of(found).data_ptr<double>()[i], p[i]) << spec.name;
  }
}

TEST(ExampleCurvatures, AreThoseOfEachExampleAlone) {
  Dataset data = regression(12, 3, 2);
  data.targets = (data.targets > 0).to(torch::kDouble);
  data.targets[0] = 0, data.targets[1] = 1;
  for (const int64_t chunk : {5, 100}) {
    ModelObjective f(network_for("mlp:3-4-2:tanh", data, "cross_entropy"), data, find_loss("cross_entropy"),
                     {chunk, torch::kDouble, torch::kCPU, {}});
    const Tensor v = torch::randn({static_cast<int64_t>(f.dim())}, torch::kDouble);
    const std::vector<double> curvatures = f.curvatures(vector_of(v));
    double mean = 0;
    for (std::size_t i = 0; i < curvatures.size(); ++i) {
      const Vector one = f.batch_product({static_cast<int64_t>(i)}, vector_of(v));
      EXPECT_NEAR(curvatures[i], v.dot(tensor_of(one)).item<double>(), 1e-11);
      mean += curvatures[i] / static_cast<double>(data.examples());
    }
    EXPECT_EQ(static_cast<int64_t>(curvatures.size()), data.examples());
    EXPECT_NEAR(mean, v.dot(product(f, v)).item<double>(), 1e-11);
  }
}

TEST(Preconditioned, EigenvaluesAreThoseOfTheDenseMatrix) {
  const Dataset data = regression(30, 4, 3);
  ModelObjective f(network_for("mlp:4-3-1:tanh", data, "mse"), data, find_loss("mse"),
                   {4096, torch::kDouble, torch::kCPU, {}});
  const auto n = static_cast<int64_t>(f.dim());
  const Tensor p = torch::rand({n}, torch::kDouble) + 0.01;
  const double decay = 0.3;
  const Tensor dense =
      (dense_hessian(f) + decay * torch::eye(n, torch::kDouble)) / (p.sqrt().unsqueeze(0) * p.sqrt().unsqueeze(1));
  PreconditionedHessian a(f, vector_of(p), decay);
  const LanczosResult result = certify_spectrum<Vector>(a, {1e-3, 0.999, 100, 0, {}});
  EXPECT_LE(result.extremes.largest.lower, largest_eigenvalue(dense) * (1 + 1e-9));
  EXPECT_GE(result.extremes.largest.upper, largest_eigenvalue(dense) * (1 - 1e-9));
}

TEST(Analyze, LeastSquaresHasTheClosedFormEdgeAndTrainsUpToIt) {
  const Dataset data = regression(100, 4, 4);
  const double edge = 2 / least_squares_top(data);
  AnalyzeOptions options;
  options.lr = 0.9 * edge;
  options.steps = 2000;  // beyond the edge the loss doubles every so many steps
  const Analysis a = analyzed("linear", data, "mse", options, with_optimizer("gd"));
  EXPECT_LE(*a.edge.lr.lower, edge * (1 + 1e-9));
  EXPECT_GE(*a.edge.lr.upper, edge * (1 - 1e-9));
  EXPECT_LE(*a.trainable.lr.lower, edge * (1 + 1e-9));
  EXPECT_GE(*a.trainable.lr.upper, edge * (1 - 1e-9));
  EXPECT_LE(*a.trainable.lr.upper / *a.trainable.lr.lower, std::sqrt(2.0) * 1.001);
  EXPECT_EQ(a.yours->stable, true);
  EXPECT_TRUE(a.recommended.has_value());
  EXPECT_EQ(a.warmup_steps, 0);
  for (const RunRecord& run : a.runs) {
    if (std::abs(run.lr / edge - 1) < 1e-9) continue;  // at the edge itself rounding decides
    EXPECT_EQ(run.verdict == Verdict::trains, run.lr < edge) << run.lr;
  }
}

TEST(Analyze, LeavesTheWeightsAsTheyWere) {
  const Dataset data = regression(50, 3, 5);
  const Network network = network_for("mlp:3-8-1:relu", data, "mse");
  std::vector<Tensor> before;
  for (const NamedTensor& p : network.parameters) before.push_back(p.tensor.detach().clone());
  AnalyzeOptions options;
  options.batch_size = 10;
  options.steps = 20;
  ModelProblemOptions adam;
  adam.optimizer = "adam";
  {
    ModelProblem problem(network, data, find_loss("mse"), adam);
    analyze(problem, options);
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(network.parameters[i].tensor.equal(before[i]));
  }
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(network.parameters[i].tensor.equal(before[i]));
}

TEST(Analyze, GivesTheSameNumbersForTheSameSeed) {
  const Dataset data = regression(60, 3, 6);
  AnalyzeOptions options;
  options.batch_size = 16;
  options.steps = 30;
  ModelProblemOptions sgd;
  sgd.optimizer = "sgd";
  sgd.settings = {{"momentum", 0.9}};
  const auto numbers = [&] {
    Analysis a = analyzed("mlp:3-8-1:tanh", data, "mse", options, sgd);
    a.cost = {};
    return to_json(a);
  };
  EXPECT_EQ(numbers(), numbers());
}

TEST(Analyze, SignMethodsHaveNoEdgeAndAreMeasuredAllTheSame) {
  AnalyzeOptions options;
  options.steps = 100;
  ModelProblemOptions signsgd;
  signsgd.optimizer = "signsgd";
  const Analysis a = analyzed("linear", regression(50, 3, 7), "mse", options, signsgd);
  EXPECT_FALSE(a.edge.lr.lower || a.edge.lr.upper);
  EXPECT_FALSE(a.edge.reason.empty());
  EXPECT_TRUE(a.trainable.lr.lower.has_value());
}

TEST(Analyze, UnlikeScalesAreBlamedAndStandardizingIsComputed) {
  const Dataset data = load_data("breast_cancer");
  AnalyzeOptions options;
  options.steps = 0;
  const Analysis raw = analyzed("linear", data, "bce", options);
  ASSERT_FALSE(raw.culprits.inputs.empty());
  EXPECT_EQ(raw.culprits.standardized_edge->lr.lower.has_value(), true);
  ModelProblemOptions standardizing;
  standardizing.standardize = true;
  const Analysis standardized = analyzed("linear", data, "bce", options, standardizing);
  EXPECT_EQ(raw.culprits.standardized_edge->lr.lower, standardized.edge.lr.lower);  // computed, not guessed
  EXPECT_GT(*standardized.edge.lr.lower, 1e4 * *raw.edge.lr.upper);
  EXPECT_TRUE(standardized.culprits.inputs.empty());
}

TEST(Analyze, AReluNetworkIsSeenToCollapse) {
  // docs/theory.md: with ReLU and cross-entropy, full batch, the digits are lost below the edge.
  const Dataset data = load_data("digits");
  ModelProblem problem(network_for("mlp:64-100-100-10:relu", data, "cross_entropy"), data, find_loss("cross_entropy"),
                       {});
  ModelObjective& f = problem.objective();
  const LanczosResult top = certify_spectrum<Vector>(f, {0.02, 0.99, 100, 0, {}});
  const double edge = 2 / top.extremes.largest.lower, chance = find_loss("cross_entropy").chance(data.targets);
  EXPECT_NEAR(chance, std::log(10), 1e-3);
  const ShortRunSettings settings{0, 200, chance, {}};
  const Starts starts = starts_of(problem, 0, 1, settings);
  Analysis a;
  TrainableSearch(problem, starts, settings).search(edge, {}, a);
  const Interval found = a.trainable.lr;
  ASSERT_TRUE(found.lower && found.upper);
  EXPECT_LT(*found.upper, 4 * edge);
  // The first rate that fails may still be thrown about; beyond it units die, and the loss stays at chance level.
  const RunRecord beyond = [&] {
    RunRecord run = short_run(problem, 4 * *found.upper, starts.all.front(), settings);
    judge(run, {chance, a.recommended->mean_loss, *found.lower});
    return run;
  }();
  EXPECT_EQ(beyond.verdict, Verdict::collapses) << beyond.reason;
  EXPECT_NEAR(*beyond.loss, chance, 0.1 * chance);
}

/// Of P^-1/2 H P^-1/2.
double dense_largest(ModelObjective& f, const Tensor& p) {
  const Tensor scale = p.rsqrt();
  return largest_eigenvalue(scale.unsqueeze(0) * dense_hessian(f) * scale.unsqueeze(1));
}

TEST(Analyze, WhyARunFailsBelowTheEdgeIsShownByExperiment) {
  const Dataset data = take_rows(load_data("digits"), torch::arange(300));
  AnalyzeOptions options;
  const ModelProblemOptions sgd = with_optimizer("sgd", {{"momentum", 0.9}});
  const Analysis a = analyzed("mlp:64-8-10:relu", data, "cross_entropy", options, sgd);
  ASSERT_TRUE(a.failing.has_value());
  const FailingRun& failing = *a.failing;
  EXPECT_GE(failing.lr, *a.trainable.lr.upper);
  EXPECT_LT(failing.lr, *a.edge.lr.lower);
  EXPECT_EQ(failing.cause, FailureCause::curvature);
  ASSERT_TRUE(failing.explained && failing.held && failing.held->run.verdict == Verdict::trains);
  // The same steps by hand, and dense eigenvalues on the way.
  ModelObjective f(network_for("mlp:64-8-10:relu", data, "cross_entropy"), data, find_loss("cross_entropy"),
                   {4096, torch::kDouble, torch::kCPU, {}});
  const Tensor start = parameters(f);
  Tensor x = start.clone(), moved = torch::zeros_like(x);
  const auto step_by = [&](double lr) {
    moved = 0.9 * moved + gradient(f);
    x = x - lr * moved;
    set_parameters(f, x);
  };
  const auto edge_here = [&] { return 2 * (1 + 0.9) / dense_largest(f, torch::ones_like(x)); };
  long step = 0;
  for (const StepLook& look : failing.looks) {
    for (; step < look.step; ++step) step_by(failing.lr);
    const double edge = edge_here();
    EXPECT_NEAR(look.loss, f.loss(), 1e-9) << step;
    EXPECT_GE(*look.edge.upper, edge * (1 - 1e-9)) << step;
    EXPECT_LE(*look.edge.upper, edge * 1.2) << step;
    EXPECT_LE(look.edge.lower.value_or(0), edge * (1 + 1e-9)) << step;
    EXPECT_LE(std::abs(look.along), std::abs(look.predicted) + 10) << step;
    EXPECT_EQ(look.edge.lower.has_value(), step == *failing.explained) << step;
  }
  // Capped from the start by dense eigenvalues it trains, too.
  x = start.clone();
  moved = torch::zeros_like(x);
  set_parameters(f, x);
  for (step = 0; step < 40; ++step) step_by(std::min(failing.lr, 0.7 * edge_here()));
  EXPECT_LT(f.loss(), failing.losses[40] / 2);
  expect_in("because the sharpness grows during training (progressive sharpening). After", a.answer[2]);
  ASSERT_TRUE(failing.layer.has_value());
  EXPECT_GE(failing.layer->share, 1.0 / 4) << "the largest of four";
  EXPECT_LE(failing.layer->share, 1);
  expect_in("% of whose squared norm lies in " + failing.layer->name, a.answer[2]);
  options.culprits = false;
  const Analysis unasked = analyzed("mlp:64-8-10:relu", data, "cross_entropy", options, sgd);
  EXPECT_FALSE(unasked.failing.has_value());
  expect_in("(not measured)", unasked.answer[2]);
}

TEST(Analyze, TheRunThatFailsIsLookedAtWithThePreconditionerItHasByThen) {
  const Dataset data = take_rows(load_data("digits"), torch::arange(300));
  const Network network = network_for("mlp:64-8-10:relu", data, "cross_entropy");
  // Large gradients long ago: the edge is high, until the average forgets them.
  Checkpoint checkpoint;
  checkpoint.step = 1000;
  for (const NamedTensor& p : network.parameters)
    checkpoint.by_name[p.name] = {{"exp_avg", torch::zeros_like(p.tensor)},
                                  {"exp_avg_sq", torch::full_like(p.tensor, 0.01)}};
  const Analysis a = [&] {
    ModelProblem problem(network, data, find_loss("cross_entropy"), with_optimizer("adam", {{"beta2", 0.9}}),
                         &checkpoint);
    return analyze(problem, {});
  }();
  ASSERT_TRUE(a.failing && !a.failing->looks.empty());
  ModelObjective f(network, data, find_loss("cross_entropy"), {4096, torch::kDouble, torch::kCPU, {}});
  Tensor x = parameters(f), m = torch::zeros_like(x), v = torch::full_like(x, 0.01);
  long step = 0;
  for (const StepLook& look : a.failing->looks) {
    const auto t = [&] { return static_cast<double>(checkpoint.step + step); };
    const auto denominator = [&] { return (v / (1 - std::pow(0.9, t()))).sqrt() + 1e-8; };
    for (; step < look.step;) {
      const Tensor g = gradient(f);
      ++step;
      m = 0.9 * m + 0.1 * g;
      v = 0.9 * v + 0.1 * g * g;
      x = x - a.failing->lr * m / (1 - std::pow(0.9, t())) / denominator();
      set_parameters(f, x);
    }
    const double edge = 2 * (1 + 0.9) / (1 - 0.9) / dense_largest(f, denominator());
    EXPECT_NEAR(look.loss, f.loss(), 1e-6) << step;
    EXPECT_GE(*look.edge.upper, edge * (1 - 1e-6)) << step;
    EXPECT_LE(*look.edge.upper, edge * 1.5) << step;
    EXPECT_LE(look.edge.lower.value_or(0), edge * (1 + 1e-6)) << step;
  }
}

TEST(Analyze, ASampleIsAnalyzedToTheEnd) {
  AnalyzeOptions options;
  options.steps = 10;
  options.batch_size = 20;
  ModelProblemOptions sampled;
  sampled.samples = 100;
  const Analysis a = analyzed("mlp:64-8-10:relu", load_data("digits"), "cross_entropy", options, sampled);
  EXPECT_EQ(a.examples, 100);
  EXPECT_TRUE(a.sampling.has_value());
  EXPECT_FALSE(a.culprits.layers.empty());
  EXPECT_TRUE(a.mini_batch->lr.has_value());
}

TEST(Analyze, ALossAboveThatOfChanceIsNoTrainingAndTheScalesComeFirst) {
  // Raw inputs: the loss begins at 15, chance is 0.66, and 200 steps do not come clearly below that.
  const Dataset data = load_data("breast_cancer");
  const Analysis a = analyzed("linear", data, "bce", {});
  ASSERT_GT(a.loss_value, 10 * a.chance_loss.value());
  for (const RunRecord& run : a.runs) {
    EXPECT_GT(run.lr, 0);
    EXPECT_TRUE(run.verdict != Verdict::trains || *run.loss <= 0.85 * *a.chance_loss) << run.reason;
  }
  EXPECT_TRUE(a.answer.front().starts_with("Standardize the inputs first")) << a.answer.front();
  EXPECT_FALSE(a.recommended.has_value());
  EXPECT_NE(a.recommended_reason.find("no rate gets clearly below"), std::string::npos) << a.recommended_reason;
  ModelProblemOptions standardize;
  standardize.standardize = true;
  EXPECT_TRUE(analyzed("linear", data, "bce", {}, standardize).recommended.has_value());
}

TEST(Sampling, TheIntervalHoldsTheValueOnAllData) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Dataset data = regression(1000, 4, 100 + seed);
    ModelObjective f(network_for("linear", data, "mse"), data, find_loss("mse"),
                     {4096, torch::kDouble, torch::kCPU, {}});
    Cost cost;
    const SamplingError e = sampling_error(f, 100, seed, {}, cost);
    const double truth = least_squares_top(data);
    held += *e.lambda_max.lower <= truth && truth <= *e.lambda_max.upper;
    EXPECT_GT(cost.hvps, 0);
  }
  EXPECT_GE(held, 17);  // 95% of 20 and three standard deviations
}

TEST(Analyze, WhatIsNotFiniteBeforeAnyStepIsToldApart) {
  Dataset data = regression(20, 2, 8);
  data.inputs[6] *= 1e200;
  expect_refused("model", "before any step the loss of example 6 is inf",
                 [&] { analyzed("linear", data, "mse", {}, with_optimizer("gd")); });
}

TEST(Analyze, ExamplesOfASampleAreCountedAsInTheData) {
  Dataset data = regression(200, 2, 9);
  data.inputs[137] *= 100;
  AnalyzeOptions options;
  options.steps = 0;
  ModelProblemOptions sampled = with_optimizer("gd");
  sampled.samples = 150;
  int seen = 0;
  for (sampled.seed = 0; sampled.seed < 4; ++sampled.seed) {
    const Analysis a = analyzed("linear", data, "mse", options, sampled);
    if (a.culprits.examples.empty()) continue;  // the sample lacks it
    EXPECT_EQ(a.culprits.examples.front().example, 137);
    ++seen;
  }
  EXPECT_GE(seen, 1);
}

TEST(Analyze, InterruptedItGivesWhatIsKnown) {
  const Dataset data = load_data("digits");
  for (const int after : {0, 4, 30}) {
    int calls = 0;
    AnalyzeOptions options;
    options.steps = 10;
    options.progress = [&](double) { return calls++ < after; };
    const Analysis a = analyzed("mlp:64-10-10:tanh", data, "cross_entropy", options);
    EXPECT_TRUE(a.partial) << after;
    ASSERT_TRUE(a.curvature.has_value());
    EXPECT_TRUE(a.curvature->lambda_max.lower.has_value());
    EXPECT_NE(to_json(a).find("\"partial\": true"), std::string::npos);
  }
}

TEST(Analyze, RefusesOptionsByName) {
  const Dataset data = regression(20, 2, 9);
  const auto with = [&](auto change) {
    return [&data, change] {
      AnalyzeOptions options;
      change(options);
      analyzed("linear", data, "mse", options);
    };
  };
  expect_refused("lr", "-1 is not a positive finite number", with([](auto& o) { o.lr = -1; }));
  expect_refused("gap", "1 is not between 0 and 1", with([](auto& o) { o.gap = 1; }));
  expect_refused("confidence", "0 is not", with([](auto& o) { o.confidence = 0; }));
  expect_refused("batch_size", "21 is more than the 20 examples", with([](auto& o) { o.batch_size = 21; }));
  const auto named = [](auto change) {
    return [change] {
      ModelSetup setup;
      change(setup);
      make_problem(setup);
    };
  };
  expect_refused("device", "'gpu' is not cpu, cuda", named([](auto& s) { s.device = "gpu"; }));
  expect_refused("dtype", "'float16' is not", named([](auto& s) { s.dtype = "float16"; }));
  expect_in("did you mean", refusal(named([](auto& s) { s.optimizer = "adma"; })));
}

}  // namespace
}  // namespace etamax
