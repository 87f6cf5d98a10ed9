// The whole analysis, and its parts, against closed forms and independent recursions.
#include "etamax/model/analyze.h"

#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cmath>
#include <functional>

#include "../refusal.h"
#include "dense.h"
#include "etamax/core/error.h"
#include "etamax/model/answer.h"
#include "etamax/model/culprits.h"
#include "etamax/model/mini_batch.h"
#include "etamax/model/sampling.h"
#include "etamax/model/tensor_space.h"
#include "etamax/model/training.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::expect_in;
using testing::largest_eigenvalue;
using testing::refusal;
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

Analysis analysed(const std::string& model, const Dataset& data, const std::string& loss, AnalyzeOptions options) {
  return analyze(network_for(model, data, loss), data, find_loss(loss), options);
}

TEST(TensorOptimizerSteps, AreThoseOfTheTableInEitherType) {
  torch::manual_seed(1);
  for (const OptimizerSpec& spec : optimizers()) {
    const HyperparameterValues values =
        hyperparameter_values(spec, spec.examples.empty() ? Settings{} : spec.examples.back());
    constexpr std::size_t n = 5000;  // more than a block, and no multiple of one
    std::vector<double> x(n), state(n * static_cast<std::size_t>(spec.state_vectors));
    Tensor wide = torch::randn({static_cast<int64_t>(n)}, torch::kDouble), narrow = wide.to(torch::kFloat);
    std::copy_n(wide.data_ptr<double>(), n, x.data());
    TensorOptimizer in_wide(spec, values, wide), in_narrow(spec, values, narrow);
    for (long step = 1; step <= 5; ++step) {
      const Tensor g = torch::randn({static_cast<int64_t>(n)}, torch::kDouble);
      spec.step(values, 0.01, step, {g.data_ptr<double>(), n}, x, state);
      in_wide.step(0.01, wide, g);
      in_narrow.step(0.01, narrow, g.to(torch::kFloat));
    }
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(wide.data_ptr<double>()[i], x[i]) << spec.name;
    EXPECT_LT((narrow.to(torch::kDouble) - wide).abs().max().item<double>(), 1e-5) << spec.name;
    if (!spec.preconditioner) continue;
    std::vector<double> p(n);
    spec.preconditioner(values, 5, state, p);
    const Tensor found = in_wide.preconditioner();
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(found.data_ptr<double>()[i], p[i]) << spec.name;
  }
}

TEST(MiniBatchEdge, WithoutMomentumIsTheClosedForm) {
  const OptimizerSpec& gd = find_optimizer("gd");
  for (const double lambda : {0.1, 1.0, 40.0})
    for (const double relative : {0.01, 1.0, 300.0}) {
      const double variance = relative * lambda * lambda;
      EXPECT_NEAR(*mini_batch_edge(gd, hyperparameter_values(gd, {}), lambda, variance) * (lambda * lambda + variance) /
                      (2 * lambda),
                  1, 1e-5);
    }
}

/// Log growth of the second moments of x' = (1 + mu - lr h) x - mu y, y' = x with h of this mean and variance:
/// over the later ones of many steps, when the start no longer matters.
double growth(double mu, double lr, double lambda, double variance) {
  const double mean = 1 + mu - lr * lambda, square = mean * mean + lr * lr * variance;
  double xx = 1, xy = 0.3, yy = 1, log_size = 0;
  for (int i = 0; i < 20000; ++i) {
    const double a = square * xx - 2 * mu * mean * xy + mu * mu * yy, b = mean * xx - mu * xy;
    yy = xx, xx = a, xy = b;
    const double size = std::abs(xx) + std::abs(xy) + std::abs(yy);
    if (i >= 10000) log_size += std::log(size);
    xx /= size, xy /= size, yy /= size;
  }
  return log_size;
}

TEST(MiniBatchEdge, WithMomentumIsWhereTheSecondMomentsStopShrinking) {
  const OptimizerSpec& sgd = find_optimizer("sgd");
  for (const double mu : {0.5, 0.9})
    for (const double relative : {0.1, 1.0, 100.0}) {
      const double lambda = 3, variance = relative * lambda * lambda;
      const double edge = *mini_batch_edge(sgd, hyperparameter_values(sgd, {{"momentum", mu}}), lambda, variance);
      EXPECT_LT(growth(mu, 0.995 * edge, lambda, variance), 0) << mu << " " << relative;
      EXPECT_GT(growth(mu, 1.005 * edge, lambda, variance), 0) << mu << " " << relative;
    }
}

TEST(MiniBatchEdge, SmallBatchesWithMomentumLoseFarMoreThanTheClassicalFormulaSays) {
  // At heavy noise the edge is that of plain SGD at the effective rate lr / (1 - mu), so 19 times below 2 (1 + mu).
  const OptimizerSpec &sgd = find_optimizer("sgd"), &gd = find_optimizer("gd");
  const double with = *mini_batch_edge(sgd, hyperparameter_values(sgd, {{"momentum", 0.9}}), 1, 1e4);
  const double without = *mini_batch_edge(gd, hyperparameter_values(gd, {}), 1, 1e4);
  EXPECT_LT(with, 1.2 * without);
}

TEST(ExampleCurvatures, AreThoseOfEachExampleAlone) {
  Dataset data = regression(12, 3, 2);
  data.targets = (data.targets > 0).to(torch::kDouble);
  data.targets[0] = 0, data.targets[1] = 1;
  for (const int64_t chunk : {5, 100}) {
    ModelObjective f(network_for("mlp:3-4-2:tanh", data, "cross_entropy"), data, find_loss("cross_entropy"),
                     {chunk, torch::kDouble, torch::kCPU, {}});
    const Tensor v = torch::randn({static_cast<int64_t>(f.dim())}, torch::kDouble);
    const Tensor curvatures = f.example_curvatures(v);
    for (int64_t i = 0; i < data.examples(); ++i) {
      const Tensor product = f.batch_product(torch::tensor({i}, torch::kLong), v);
      EXPECT_NEAR(curvatures[i].item<double>(), v.dot(product).item<double>(), 1e-11);
    }
    Tensor whole;
    f.apply(v, whole);
    EXPECT_NEAR(curvatures.mean().item<double>(), v.dot(whole).item<double>(), 1e-11);
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
  PreconditionedHessian a(f, p, decay);
  const LanczosResult result = certify_spectrum<Tensor>(a, {1e-3, 0.999, 100, 0, {}});
  EXPECT_LE(result.extremes.largest.lower, largest_eigenvalue(dense) * (1 + 1e-9));
  EXPECT_GE(result.extremes.largest.upper, largest_eigenvalue(dense) * (1 - 1e-9));
}

TEST(Analyze, LeastSquaresHasTheClosedFormEdgeAndTrainsUpToIt) {
  const Dataset data = regression(100, 4, 4);
  const double edge = 2 / least_squares_top(data);
  AnalyzeOptions options;
  options.lr = 0.9 * edge;
  options.dtype = "float64";
  options.steps = 2000;  // beyond the edge the loss doubles every so many steps
  const Analysis a = analysed("linear", data, "mse", options);
  EXPECT_LE(*a.edge.lr.lower, edge * (1 + 1e-9));
  EXPECT_GE(*a.edge.lr.upper, edge * (1 - 1e-9));
  EXPECT_LE(*a.trainable.lr.lower, edge * (1 + 1e-9));
  EXPECT_GE(*a.trainable.lr.upper, edge * (1 - 1e-9));
  EXPECT_LE(*a.trainable.lr.upper / *a.trainable.lr.lower, std::sqrt(2.0) * 1.001);
  EXPECT_EQ(a.yours->stable, true);
  EXPECT_TRUE(a.lr_recommended.has_value());
  EXPECT_EQ(a.warmup_steps, 0);
  for (const TrainingRun& run : a.runs) {
    if (std::abs(run.lr / edge - 1) < 1e-9) continue;  // at the edge itself rounding decides
    EXPECT_EQ(run.verdict == Verdict::converges, run.lr < edge) << run.lr;
  }
}

TEST(Analyze, LeavesTheWeightsAsTheyWere) {
  const Dataset data = regression(50, 3, 5);
  const Network network = network_for("mlp:3-8-1:relu", data, "mse");
  std::vector<Tensor> before;
  for (const NamedTensor& p : network.parameters) before.push_back(p.tensor.detach().clone());
  AnalyzeOptions options;
  options.optimizer = "adam";
  options.batch_size = 10;
  options.steps = 20;
  analyze(network, data, find_loss("mse"), options);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(network.parameters[i].tensor.equal(before[i]));
}

TEST(Analyze, GivesTheSameNumbersForTheSameSeed) {
  const Dataset data = regression(60, 3, 6);
  AnalyzeOptions options;
  options.optimizer = "sgd";
  options.settings = {{"momentum", 0.9}};
  options.batch_size = 16;
  options.steps = 30;
  const auto numbers = [&] {
    Analysis a = analysed("mlp:3-8-1:tanh", data, "mse", options);
    a.cost = {};
    return to_json(a);
  };
  EXPECT_EQ(numbers(), numbers());
}

TEST(Analyze, SignMethodsHaveNoEdgeAndAreMeasuredAllTheSame) {
  AnalyzeOptions options;
  options.optimizer = "signsgd";
  options.steps = 100;
  const Analysis a = analysed("linear", regression(50, 3, 7), "mse", options);
  EXPECT_FALSE(a.edge.lr.lower || a.edge.lr.upper);
  EXPECT_FALSE(a.edge.reason.empty());
  EXPECT_TRUE(a.trainable.lr.lower.has_value());
}

TEST(Analyze, UnlikeScalesAreBlamedAndStandardisingIsComputed) {
  const Dataset data = load_data("breast_cancer");
  AnalyzeOptions options;
  options.steps = 0;
  const Analysis raw = analysed("linear", data, "bce", options);
  ASSERT_FALSE(raw.culprits.inputs.empty());
  EXPECT_EQ(raw.culprits.standardized_edge->lr.lower.has_value(), true);
  options.standardize = true;
  const Analysis standardised = analysed("linear", data, "bce", options);
  EXPECT_EQ(raw.culprits.standardized_edge->lr.lower, standardised.edge.lr.lower);  // computed, not guessed
  EXPECT_GT(*standardised.edge.lr.lower, 1e4 * *raw.edge.lr.upper);
  EXPECT_TRUE(standardised.culprits.inputs.empty());
}

TEST(Analyze, AReluNetworkIsSeenToCollapse) {
  // docs/theory.md: with ReLU and cross-entropy, full batch, the digits are lost below the edge.
  const Dataset data = load_data("digits");
  ModelObjective f(network_for("mlp:64-100-100-10:relu", data, "cross_entropy"), data, find_loss("cross_entropy"), {});
  const OptimizerSpec& gd = find_optimizer("gd");
  const HyperparameterValues values = hyperparameter_values(gd, {});
  const LanczosResult top = certify_spectrum<Tensor>(f, {0.02, 0.99, 100, 0, {}});
  const double edge = 2 / top.extremes.largest.lower, chance = find_loss("cross_entropy").chance(data.targets);
  EXPECT_NEAR(chance, std::log(10), 1e-3);
  const TrainingOptions options{gd, values, 0, 200, 0, f.loss(), chance, nullptr, {}};
  std::vector<TrainingRun> runs;
  const LargestTrainable found = find_largest_trainable(f, edge, {}, options, runs);
  ASSERT_TRUE(found.lr.upper.has_value());
  EXPECT_LT(*found.lr.upper, 4 * edge);
  // The first rate that fails may still be thrown about; beyond it units die, and the loss stays at chance level.
  const TrainingRun beyond = [&] {
    TrainingRun run = train(f, 4 * *found.lr.upper, options);
    judge(run, options, *runs.front().final_loss, *found.lr.lower);
    return run;
  }();
  EXPECT_EQ(beyond.verdict, Verdict::collapses) << beyond.reason;
  EXPECT_NEAR(*beyond.final_loss, chance, 0.1 * chance);
}

/// Of P^-1/2 H P^-1/2.
double dense_largest(ModelObjective& f, const Tensor& p) {
  const Tensor scale = p.rsqrt();
  return largest_eigenvalue(scale.unsqueeze(0) * dense_hessian(f) * scale.unsqueeze(1));
}

TEST(Analyze, WhatFailsBelowTheEdgeIsFollowedToWhereTheEdgeFallsBelowTheRate) {
  const Dataset data = take_rows(load_data("digits"), torch::arange(300));
  AnalyzeOptions options;
  options.optimizer = "sgd";
  options.settings = {{"momentum", 0.9}};
  options.dtype = "float64";
  const Analysis a = analysed("mlp:64-8-10:relu", data, "cross_entropy", options);
  ASSERT_TRUE(a.failing.has_value());
  EXPECT_EQ(a.failing->lr, *a.trainable.lr.upper);
  EXPECT_LT(a.failing->lr, *a.edge.lr.lower);
  ASSERT_TRUE(a.failing->crossed.has_value());
  EXPECT_EQ(a.failing->looks.back().step, *a.failing->crossed);
  // The same steps by hand, and dense eigenvalues on the way.
  ModelObjective f(network_for("mlp:64-8-10:relu", data, "cross_entropy"), data, find_loss("cross_entropy"),
                   {4096, torch::kDouble, torch::kCPU, {}});
  Tensor x = f.parameters(), moved = torch::zeros_like(x);
  long step = 0;
  for (const FailingRun::Look& look : a.failing->looks) {
    for (; step < look.step; ++step) {
      moved = 0.9 * moved + f.gradient();
      x = x - a.failing->lr * moved;
      f.set_parameters(x);
    }
    const double edge = 2 * (1 + 0.9) / dense_largest(f, torch::ones_like(x));
    EXPECT_NEAR(look.loss, f.loss(), 1e-9) << step;
    EXPECT_GE(*look.edge.upper, edge * (1 - 1e-9)) << step;
    EXPECT_LE(*look.edge.upper, edge * 1.1) << step;
    EXPECT_LE(look.edge.lower.value_or(0), edge * (1 + 1e-9)) << step;
    EXPECT_EQ(*look.edge.upper < a.failing->lr, step == *a.failing->crossed) << step;
  }
  expect_in("training raises the curvature. After", a.answer[2]);
  ASSERT_TRUE(a.failing->layer.has_value());
  EXPECT_GE(a.failing->layer->share, 1.0 / 4) << "the largest of four";
  EXPECT_LE(a.failing->layer->share, 1);
  expect_in("% of which lies in " + a.failing->layer->name, a.answer[2]);
  options.culprits = false;
  const Analysis unasked = analysed("mlp:64-8-10:relu", data, "cross_entropy", options);
  EXPECT_FALSE(unasked.failing.has_value());
  expect_in("(not measured)", unasked.answer[2]);
}

TEST(Analyze, TheRunThatFailsIsFollowedWithThePreconditionerItHasByThen) {
  const Dataset data = take_rows(load_data("digits"), torch::arange(300));
  const Network network = network_for("mlp:64-8-10:relu", data, "cross_entropy");
  // Large gradients long ago: the edge is high, until the average forgets them.
  Checkpoint checkpoint;
  checkpoint.step = 1000;
  for (const NamedTensor& p : network.parameters)
    checkpoint.by_name[p.name] = {{"exp_avg", torch::zeros_like(p.tensor)},
                                  {"exp_avg_sq", torch::full_like(p.tensor, 0.01)}};
  AnalyzeOptions options;
  options.optimizer = "adam";
  options.settings = {{"beta2", 0.9}};
  options.dtype = "float64";
  const Analysis a = analyze(network, data, find_loss("cross_entropy"), options, &checkpoint);
  ASSERT_TRUE(a.failing && a.failing->crossed);
  ModelObjective f(network, data, find_loss("cross_entropy"), {4096, torch::kDouble, torch::kCPU, {}});
  Tensor x = f.parameters(), m = torch::zeros_like(x), v = torch::full_like(x, 0.01);
  long step = 0;
  for (const FailingRun::Look& look : a.failing->looks) {
    const auto t = [&] { return static_cast<double>(checkpoint.step + step); };
    const auto denominator = [&] { return (v / (1 - std::pow(0.9, t()))).sqrt() + 1e-8; };
    for (; step < look.step;) {
      const Tensor g = f.gradient();
      ++step;
      m = 0.9 * m + 0.1 * g;
      v = 0.9 * v + 0.1 * g * g;
      x = x - a.failing->lr * m / (1 - std::pow(0.9, t())) / denominator();
      f.set_parameters(x);
    }
    const double edge = 2 * (1 + 0.9) / (1 - 0.9) / dense_largest(f, denominator());
    EXPECT_NEAR(look.loss, f.loss(), 1e-6) << step;
    EXPECT_GE(*look.edge.upper, edge * (1 - 1e-6)) << step;
    EXPECT_LE(*look.edge.upper, edge * 1.2) << step;
    EXPECT_LE(look.edge.lower.value_or(0), edge * (1 + 1e-6)) << step;
  }
}

TEST(Answer, HowTheLimitStandsToTheEdgeAndWhy) {
  const OptimizerSpec& gd = find_optimizer("gd");
  const auto why = [&](const std::function<void(Analysis&)>& change) {
    Analysis a;
    a.edge.lr = {4, 5};
    a.trainable = {{0.5, 0.7}, "", 200};
    a.runs.resize(2);
    a.runs[0].lr = 0.5, a.runs[1].lr = 0.7;
    a.failing = FailingRun{0.7, {{0, 2.3, {4, 5}}, {1, 2.2, {{}, 2}}, {2, 2.1, {{}, 3}}}, {}, {}, 10};
    change(a);
    conclude(a, gd, hyperparameter_values(gd, {}), {});
    for (std::size_t i = 0; i + 1 < a.answer.size(); ++i)
      if (a.answer[i].starts_with("Largest trainable")) return a.answer[i + 1];
    return std::string("nothing");
  };
  expect_in("(lowest: at most 2, after 1 step): it goes astray otherwise.", why([](Analysis&) {}));
  expect_in("by the noise of its batches, or otherwise", why([](Analysis& a) { a.mini_batch.emplace().lr = 3; }));
  expect_in("above the 0.6 at which batches of 16 lose stability", why([](Analysis& a) {
              a.failing.reset();
              a.mini_batch.emplace().lr = 0.6;
              a.mini_batch->batch_size = 16;
            }));
  expect_in("After 3 steps, with the loss at 1.5, the edge is 0.4 to 0.5, below the rate", why([](Analysis& a) {
              a.failing->looks.push_back({3, 1.5, {0.4, 0.5}});
              a.failing->crossed = 3;
            }));
  expect_in("(not followed to its end)", why([](Analysis& a) { a.partial = true; }));
  expect_in("(not measured)", why([](Analysis& a) { a.failing.reset(); }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.6, 0.65}; }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.65, 0.75}; }));
  expect_in("It trains beyond the edge, up to 1.25 times it", why([](Analysis& a) { a.edge.lr = {0.3, 0.4}; }));
  EXPECT_EQ(why([](Analysis& a) { a.trainable.lr.upper.reset(); }), "nothing");
  EXPECT_EQ(why([](Analysis& a) { a.edge.lr = {}; }), "nothing");
}

TEST(Analyze, ASampleIsAnalysedToTheEnd) {
  AnalyzeOptions options;
  options.samples = 100;
  options.steps = 10;
  options.batch_size = 20;
  const Analysis a = analysed("mlp:64-8-10:relu", load_data("digits"), "cross_entropy", options);
  EXPECT_EQ(a.examples, 100);
  EXPECT_TRUE(a.sampling.has_value());
  EXPECT_FALSE(a.culprits.layers.empty());
  EXPECT_TRUE(a.mini_batch->lr.has_value());
}

TEST(Analyze, TrainsFromALossFarAboveThatOfChance) {
  // Raw inputs: the loss begins at 15, chance is 0.66, and 200 steps do not come below that.
  const Dataset data = load_data("breast_cancer");
  const Analysis a = analysed("linear", data, "bce", {});
  ASSERT_GT(a.loss_value, 10 * a.chance_loss);
  ASSERT_TRUE(a.trainable.lr.lower && a.trainable.lr.upper && a.lr_recommended);
  EXPECT_GE(*a.trainable.lr.lower, *a.edge.lr.lower / 2) << "the loss is convex: below the edge it must train";
  for (const TrainingRun& run : a.runs) EXPECT_GT(run.lr, 0);
  ModelObjective f(network_for("linear", data, "bce"), data, find_loss("bce"), {});
  Tensor x = f.parameters();
  for (int step = 0; step < 200; ++step) {
    x = x - *a.lr_recommended * f.gradient();
    f.set_parameters(x);
  }
  EXPECT_LT(f.loss(), a.loss_value / 2);
}

TEST(Judge, ProgressIsFromChanceOnOrFromAStartAboveIt) {
  const OptimizerSpec& gd = find_optimizer("gd");
  const HyperparameterValues values = hyperparameter_values(gd, {});
  struct Case {
    double start, final_loss, best;
    Verdict verdict;
  };
  constexpr double kChance = 2.3;
  for (const Case& c : std::vector<Case>{{2.31, 0.5, 0.1, Verdict::converges},
                                         {2.31, 2.29, 0.1, Verdict::collapses},
                                         {2.31, 1.8, 0.1, Verdict::unclear},
                                         {2.31, 2.3, 2.3, Verdict::collapses},
                                         {15, 5, 4, Verdict::converges},
                                         {15, 4, 4, Verdict::converges},
                                         {15, 12, 4, Verdict::unclear},
                                         {15, 2.31, 2.31, Verdict::collapses},
                                         {15, 5, 0.5, Verdict::unclear},
                                         {15, 15.1, 4, Verdict::cycles},
                                         {0.1, 0.09, 0.05, Verdict::converges},
                                         {0.1, 0.2, 0.05, Verdict::cycles}}) {
    const TrainingOptions options{gd, values, 0, 4, 0, c.start, kChance, nullptr, {}};
    TrainingRun run;
    run.lr = 1;
    run.losses = {c.start, c.final_loss, c.final_loss, c.final_loss, c.final_loss};
    run.final_loss = c.final_loss;
    judge(run, options, c.best, 0);
    EXPECT_EQ(run.verdict, c.verdict) << c.start << " to " << c.final_loss << ", best " << c.best << ": " << run.reason;
  }
}

TEST(Sampling, TheIntervalHoldsTheValueOnAllData) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Dataset data = regression(1000, 4, 100 + seed);
    Cost cost;
    const SamplingError e = sampling_error(network_for("linear", data, "mse"), data, find_loss("mse"),
                                           {4096, torch::kDouble, torch::kCPU, {}}, 100, seed, {}, cost);
    const double truth = least_squares_top(data);
    held += *e.lambda_max.lower <= truth && truth <= *e.lambda_max.upper;
    EXPECT_GT(cost.hvps, 0);
  }
  EXPECT_GE(held, 17);  // 95% of 20 and three standard deviations
}

TEST(Analyze, WhatIsNotFiniteBeforeAnyStepIsToldApart) {
  Dataset data = regression(20, 2, 8);
  data.inputs[6] *= 1e200;
  AnalyzeOptions options;
  options.dtype = "float64";
  expect_in("before any step the loss of example 7 is inf", refusal([&] { analysed("linear", data, "mse", options); }));
}

TEST(Analyze, InterruptedItGivesWhatIsKnown) {
  const Dataset data = load_data("digits");
  for (const int after : {0, 4, 30}) {
    int calls = 0;
    AnalyzeOptions options;
    options.steps = 10;
    options.progress = [&](double) { return calls++ < after; };
    const Analysis a = analysed("mlp:64-10-10:tanh", data, "cross_entropy", options);
    EXPECT_TRUE(a.partial) << after;
    ASSERT_TRUE(a.curvature.has_value());
    EXPECT_TRUE(a.curvature->lambda_max.lower.has_value());
    EXPECT_NE(to_json(a).find("\"partial\": true"), std::string::npos);
  }
}

TEST(Analyze, RefusesOptionsByName) {
  const Dataset data = regression(20, 2, 9);
  const auto with = [&](auto change) {
    AnalyzeOptions options;
    change(options);
    return refusal([&] { analysed("linear", data, "mse", options); });
  };
  expect_in("--lr: -1 is not a positive finite number", with([](auto& o) { o.lr = -1; }));
  expect_in("--gap: 1 is not between 0 and 1", with([](auto& o) { o.gap = 1; }));
  expect_in("--confidence: 0 is not", with([](auto& o) { o.confidence = 0; }));
  expect_in("--batch-size: 21 is more than the 20 examples", with([](auto& o) { o.batch_size = 21; }));
  expect_in("--device: 'gpu' is not cpu, cuda", with([](auto& o) { o.device = "gpu"; }));
  expect_in("--dtype: 'float16' is not", with([](auto& o) { o.dtype = "float16"; }));
  expect_in("did you mean", with([](auto& o) { o.optimizer = "adma"; }));
}

}  // namespace
}  // namespace etamax
